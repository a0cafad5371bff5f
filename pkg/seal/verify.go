package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A Verdict is what [Log.Verify] finds of a log.
type Verdict string

// Verdicts. Scripts look for these words.
const (
	Intact     Verdict = "intact"          // every sealed line is as it was sealed
	Unanchored Verdict = "UNANCHORED"      // it is, but nothing outside vouches for the seal
	Changed    Verdict = "changed"         // a line or a file of the sidecar is not
	Truncated  Verdict = "truncated"       // lines are missing at the end, or whole files
	OtherKey   Verdict = "not by this key" // the seal is not signed by the key
)

// OK reports whether nothing was found that speaks against the log.
func (v Verdict) OK() bool { return v == Intact || v == Unanchored }

// VerifyOptions are options for [Log.Verify]. The zero value has the defaults.
type VerifyOptions struct {
	// Verifier is the key that the seal must be signed by. Without one the seal
	// vouches for nothing: whoever can write to the log may have made it.
	Verifier note.Verifier

	// Origin, if set, is what the log must be called in its checkpoints.
	Origin string

	// Against has signed checkpoints that were kept elsewhere, one after the
	// other. The log must have grown from all that have its origin, and there
	// must be one. Empty: none.
	Against []byte

	// AllowPruned allows that the oldest files of a log are gone.
	AllowPruned bool
}

// A Report is what [Log.Verify] found.
type Report struct {
	Verdict Verdict
	Reason  string // for a verdict that is not OK

	Origin string
	Lines  int64     // that were sealed
	Time   time.Time // when; zero if that is not known
	Pruned int64     // sealed lines at the start of the log whose files are gone

	// Foreign says that another tool made the sidecar: there is no manifest, nor a
	// list of the checkpoints that were signed.
	Foreign bool

	// Anchored is up to which line something outside the log and its sidecar
	// vouches for it: the key, or a checkpoint kept elsewhere.
	Anchored int64

	// Line is the first line that is not as it was sealed, from 1; 0 if there is
	// none, or it cannot be told.
	Line int64

	Unsealed int64 // lines after those that were sealed
	Unended  bool  // something follows the last line feed

	// Unverified are whose signatures were met, in the sidecar and in Against, but
	// not checked: see [Checkpoint.Unverified].
	Unverified []string

	// Strays are files in the sidecar that no checkpoint needs, so that they were
	// not checked: an interrupted seal may leave some, or anybody. A directory has a
	// slash at its end. There are StrayCount; only the first ten are here.
	Strays     []string
	StrayCount int
}

// Verify computes the tree of a log again from its bytes, and compares it with what
// was sealed. It changes nothing. The error is [ErrNotSealed] for a log that never
// was, and another one where something could not be read, or where nothing was found
// to be changed but the last seal was cut short: the next one mends that.
func (l Log) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	var r Report
	l, err := l.resolve()
	if err != nil {
		return r, err
	}
	for range maxTries {
		r = Report{}
		var moving bool
		if moving, err = l.tryVerify(ctx, &r, o); !moving || ctx.Err() != nil {
			break
		}
	}
	var changed *ChangedError
	switch {
	case errors.Is(err, ErrOtherKey):
		r.Verdict, r.Reason = OtherKey, err.Error()
	case errors.As(err, &changed):
		r.Verdict, r.Reason = changed.verdict(), changed.Reason
	case err != nil:
		return r, err
	case r.Anchored == 0 && o.Verifier == nil:
		r.Verdict = Unanchored
	default:
		r.Verdict = Intact
	}
	return r, nil
}

// tryVerify verifies a log. A log that was rotated or sealed meanwhile may only look
// as if it were changed: it is moving then.
func (l Log) tryVerify(ctx context.Context, r *Report, o VerifyOptions) (moving bool, err error) {
	s, err := l.sidecarToRead()
	if err != nil {
		return false, err
	}
	defer s.Close()
	before, _ := s.read(manifestName)
	if err = l.verify(ctx, s, r, o); err == nil {
		return false, nil
	}
	after, _ := s.read(manifestName)
	if errors.Is(err, ErrOtherKey) && s.signedBy(o.Verifier) {
		err = changedf("%v", err)
	}
	return errors.Is(err, errMoved) || !bytes.Equal(before, after), err
}

// What is loaded is a state, and what else the files of a sidecar say.
type loaded struct {
	*state
	signed   merkle.Sizes // of the trees of checkpoints
	cutShort bool         // storing the last checkpoint was
	odd      error        // what is wrong although every line is as it was sealed
}

// load reads what was sealed, and checks that the files of the sidecar go together.
// Those that do not belong there are reported unless the report is nil. What it
// returns is there as far as it came.
func (l Log) load(ctx context.Context, s *sidecar, v note.Verifier, r *Report) (*loaded, error) {
	unlock, err := s.lock(ctx, true, 0)
	if err != nil {
		return nil, err
	}
	defer unlock()
	st, err := s.load(v)
	if err != nil {
		return nil, err
	}
	if !st.signed {
		return nil, ErrNotSealed
	}
	ld := &loaded{state: st}
	if st.manifest != nil {
		if ld.signed, ld.cutShort, err = s.checkHistory(st.manifest); err != nil {
			return ld, err
		}
		if st.last.signed, err = s.read(checkpointName); err != nil {
			return ld, err
		}
	}
	if r != nil {
		ld.odd, err = s.survey(ld, r)
	}
	return ld, err
}

// verify verifies a log.
func (l Log) verify(ctx context.Context, s *sidecar, r *Report, o VerifyOptions) error {
	ld, err := l.load(ctx, s, o.Verifier, r)
	if ld != nil {
		r.Origin, r.Lines = ld.last.body.Origin, ld.last.body.N
		r.Unverified = ld.last.unverified
		r.Foreign = ld.manifest == nil
		if !r.Foreign {
			r.Time = ld.manifest.time
		}
	}
	if err != nil {
		return err
	}
	if o.Origin != "" && o.Origin != ld.last.body.Origin {
		return changedf("the origin is %s, not %s", ld.last.body.Origin, o.Origin)
	}
	if o.Verifier != nil {
		r.Anchored = ld.last.body.N
	}
	if len(o.Against) > 0 {
		if err := s.verifyAgainst(o.Against, ld.last, o.Verifier, r); err != nil {
			return err
		}
	}
	if err := l.compare(ctx, s, ld, r, o.AllowPruned); err != nil {
		return err
	}
	if ld.cutShort {
		return fmt.Errorf("the lines of %s are as they were sealed, but storing the seal was cut short: seal again", l.Path)
	}
	return nil
}

// verifyAgainst checks that the log, sealed as it says now, grew from checkpoints
// that were kept elsewhere, and reports what they vouch for.
func (s *sidecar) verifyAgainst(kept []byte, now Checkpoint, v note.Verifier, r *Report) error {
	known := false
	for len(kept) > 0 {
		n := noteLength(kept)
		if n == 0 {
			return errors.New("malformed checkpoint to verify against")
		}
		earlier, err := ParseCheckpoint(kept[:n], nil)
		if err == nil && earlier.body.Origin != now.body.Origin {
			kept = bytes.TrimLeft(kept[n:], "\n")
			continue
		}
		if err == nil {
			earlier, err = ParseCheckpoint(kept[:n], v)
		}
		if err != nil {
			// It is not the log that has another key.
			return fmt.Errorf("checkpoint to verify against: %v", err)
		}
		if err := s.grewFrom(earlier, now); err != nil {
			return err
		}
		for _, name := range earlier.unverified {
			if !slices.Contains(r.Unverified, name) {
				r.Unverified = append(r.Unverified, name)
			}
		}
		known, kept = true, bytes.TrimLeft(kept[n:], "\n")
		r.Anchored = max(r.Anchored, earlier.body.N)
	}
	if !known {
		return changedf("no checkpoint of %s was kept elsewhere", now.body.Origin)
	}
	return nil
}

// grewFrom checks that the log, which is sealed as it says now, had been sealed as
// it says earlier.
func (s *sidecar) grewFrom(earlier, now Checkpoint) error {
	switch {
	case earlier.body.Origin != now.body.Origin:
		return changedf("the earlier checkpoint is of %s, the log is %s", earlier.body.Origin, now.body.Origin)
	case earlier.body.N > now.body.N:
		return &ChangedError{Short: true, Reason: fmt.Sprintf("rolled back: %d lines had been sealed, now %d are", earlier.body.N, now.body.N)}
	}
	root, err := tlog.TreeHash(earlier.body.N, s.tree(now.body.Tree))
	if err != nil {
		return s.mistaken(err)
	}
	if root != earlier.body.Hash {
		return changedf("the log did not grow from the earlier checkpoint: a line up to %d is another", earlier.body.N)
	}
	return nil
}

// signedBy reports whether anything in the sidecar is signed by a key.
func (s *sidecar) signedBy(v note.Verifier) bool {
	for _, name := range []string{checkpointName, manifestName, checkpointsName} {
		data, err := s.read(name)
		if err != nil {
			continue
		}
		if n := noteLength(data); n > 0 {
			if _, _, err := openNote(data[:n], v); err == nil {
				return true
			}
		}
	}
	return false
}
