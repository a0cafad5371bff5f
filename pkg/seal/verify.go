package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// A Verdict is the result of [Log.Verify].
type Verdict string

// Verdicts. Scripts look for these words.
const (
	Intact     Verdict = "intact"          // every sealed line is unchanged
	Unanchored Verdict = "UNANCHORED"      // the same, but anybody could have made the seal
	Changed    Verdict = "changed"         // a line or a file of the sidecar was changed
	Truncated  Verdict = "truncated"       // lines are missing at the end, or whole files
	OtherKey   Verdict = "not by this key" // the seal is not signed by the key
)

// OK reports whether no change was found.
func (v Verdict) OK() bool { return v == Intact || v == Unanchored }

// VerifyOptions are options for [Log.Verify]. The zero value has the defaults.
type VerifyOptions struct {
	// Verifier is the key that must have signed the seal. Without one the seal proves
	// nothing: anybody who can write to the log may have made it.
	Verifier note.Verifier

	// Origin is the name that the log must have in its checkpoints. The default is any.
	Origin string

	// Against has signed checkpoints that were kept elsewhere, one after the other. The
	// log must have grown from all those with its origin, and there must be at least
	// one. If it is empty, nothing is compared. If lines were erased, it is an error
	// without a Verifier: checkpoints do not prove that they were.
	Against []byte

	// AllowPruned allows the oldest files of a log to be gone.
	AllowPruned bool
}

// A Report is what [Log.Verify] found.
type Report struct {
	Verdict Verdict
	Reason  string // empty if the verdict is OK

	Origin string
	Lines  int64     // sealed
	Time   time.Time // of the seal; zero if unknown
	Pruned int64     // sealed lines at the start whose files are gone

	// Foreign says that the sidecar is that of another tool: it has no manifest and no
	// list of the checkpoints that were signed.
	Foreign bool

	// Anchored is the number of lines, from the first on, that something outside the
	// log and its sidecar proves: the key, or a checkpoint kept elsewhere.
	Anchored int64

	// Line is the number of the first line that is not as it was sealed, counted from
	// 1; 0 if there is none, or it is unknown.
	Line int64

	// Erasures is what was erased, oldest first, of which StillThere are lines whose text
	// is in the log all the same: erasing them was interrupted, or a copy of the log was
	// restored. [Log.Erase] erases them again.
	Erasures   []Erasure
	StillThere Lines

	Unsealed int64 // complete lines after the sealed ones
	Unended  bool  // the last line has no line feed

	// Unverified has the keys of the signatures, in the sidecar and in Against, that
	// were not verified: see [Checkpoint.Unverified].
	Unverified []string

	// Strays has the first ten files in the sidecar that no checkpoint needs, which
	// were therefore not verified: an interrupted seal, or anybody, may have left them.
	// Directories end with a slash. StrayCount is the number of all.
	Strays     []string
	StrayCount int
}

// Verify recomputes the tree of a log from its bytes and compares it with what was sealed.
// It changes nothing. A log that was changed is not an error, but a verdict. The error is
// [ErrNotSealed] for a log that was never sealed, or another one if something could not be
// read, or if no change was found but storing the last seal was interrupted, which the
// next seal repairs.
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
	return r, r.conclude(err, o)
}

// conclude sets the verdict. It returns the error if that is none.
func (r *Report) conclude(err error, o VerifyOptions) error {
	var changed *ChangedError
	switch {
	case errors.Is(err, ErrOtherKey):
		r.Verdict, r.Reason = OtherKey, err.Error()
	case errors.As(err, &changed):
		r.Verdict, r.Reason = changed.verdict(), changed.Reason
	case err != nil:
		return err
	case r.Anchored == 0 && o.Verifier == nil:
		r.Verdict = Unanchored
	default:
		r.Verdict = Intact
	}
	return nil
}

// tryVerify verifies a log. If it was rotated or sealed meanwhile, it may only seem to be
// changed: then moving is true.
func (l Log) tryVerify(ctx context.Context, r *Report, o VerifyOptions) (moving bool, err error) {
	s, err := l.sidecarToRead()
	if err != nil {
		return false, err
	}
	defer s.Close()
	before := s.version()
	if err = l.verify(ctx, s, r, o); err == nil {
		return false, nil
	}
	after := s.version()
	if errors.Is(err, ErrOtherKey) && s.signedBy(o.Verifier) {
		err = changedf("%v", err)
	}
	return errors.Is(err, errMoved) || before != after, err
}

// version returns the hash of what changes when the log is sealed or lines are erased.
func (s *sidecar) version() [2]tlog.Hash {
	manifest, _ := s.read(manifestName)
	erased, _ := s.readFile(erasuresName, maxErasures)
	return [2]tlog.Hash{tlog.RecordHash(manifest), tlog.RecordHash(erased)}
}

// Erased returns the number of lines that were erased and are gone.
func (r Report) Erased() (n int64) {
	for _, e := range r.Erasures {
		n += e.Lines.Count()
	}
	return n - r.StillThere.Count()
}

// A loaded is a state and what else the files of a sidecar say.
type loaded struct {
	*state
	signed      merkle.Sizes // the sizes of all checkpoints
	interrupted bool         // storing the last checkpoint was
	odd         error        // what is wrong even if all lines are unchanged
}

// load reads what was sealed, and checks that the files of the sidecar are consistent. It
// reports strays unless r is nil. After an error it may return a part of what was loaded.
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
		if ld.signed, ld.interrupted, err = s.checkHistory(st.manifest); err != nil {
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
		r.Erasures = ld.erasures.all
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
	if r.Anchored > 0 && o.Verifier == nil {
		for _, e := range r.Erasures {
			if err := unproven(e.Lines.without(r.StillThere).within(r.Pruned+1, r.Anchored)); err != nil {
				return err
			}
		}
	}
	if ld.interrupted {
		return fmt.Errorf("the lines of %s are as they were sealed, but storing the seal was interrupted: seal again", l.Path)
	}
	return nil
}

// unproven returns an error if lines were erased, but no key says so, although something
// else proves the log: whoever can write to it may have made the list.
func unproven(erased Lines) error {
	if len(erased) == 0 {
		return nil
	}
	return fmt.Errorf("line %d is listed as erased, which only a verifier key can prove: verify with it as well", erased[0].First)
}

// verifyAgainst checks that the log, whose checkpoint is now, grew from checkpoints that
// were kept elsewhere, and reports what these prove.
func (s *sidecar) verifyAgainst(kept []byte, now Checkpoint, v note.Verifier, r *Report) error {
	known := false
	for earlier, err := range checkpointsIn(kept, now.body.Origin, v) {
		if err == nil {
			err = s.grewFrom(earlier, now)
		}
		if err != nil {
			return err
		}
		r.addUnverified(earlier.unverified)
		known, r.Anchored = true, max(r.Anchored, earlier.body.N)
	}
	if !known {
		return changedf("none of the checkpoints to verify against is of %s", now.body.Origin)
	}
	return nil
}

// checkpointsIn returns the checkpoints with an origin that were kept elsewhere, and verifies
// their signatures unless v is nil. An error is the last.
func checkpointsIn(kept []byte, origin string, v note.Verifier) iter.Seq2[Checkpoint, error] {
	return func(yield func(Checkpoint, error) bool) {
		for ; len(kept) > 0; kept = bytes.TrimLeft(kept, "\n") {
			n := noteLength(kept)
			if n == 0 {
				yield(Checkpoint{}, errors.New("malformed checkpoint to verify against"))
				return
			}
			signed := kept[:n]
			kept = kept[n:]
			c, err := ParseCheckpoint(signed, nil)
			if err == nil && c.body.Origin != origin {
				continue
			}
			if err == nil {
				c, err = ParseCheckpoint(signed, v)
			}
			if err != nil {
				// Not %w: an ErrOtherKey would be taken for one of the log.
				yield(Checkpoint{}, fmt.Errorf("checkpoint to verify against: %v", err))
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

// addUnverified adds keys of signatures that were not verified.
func (r *Report) addUnverified(keys []string) {
	for _, name := range keys {
		if !slices.Contains(r.Unverified, name) {
			r.Unverified = append(r.Unverified, name)
		}
	}
}

// grewFrom checks that the log, whose checkpoint is now, grew from an earlier one.
func (s *sidecar) grewFrom(earlier, now Checkpoint) error {
	switch {
	case earlier.body.Origin != now.body.Origin:
		return changedf("the earlier checkpoint is of %s, the log is %s", earlier.body.Origin, now.body.Origin)
	case earlier.body.N > now.body.N:
		return &ChangedError{Short: true, Reason: fmt.Sprintf("rolled back: %d lines had been sealed, now %d are", earlier.body.N, now.body.N)}
	}
	root, err := tlog.TreeHash(earlier.body.N, s.tree(now.body.Tree))
	if err != nil {
		return s.treeError(err)
	}
	if root != earlier.body.Hash {
		return changedf("the log did not grow from the earlier checkpoint: one of the first %d lines was changed", earlier.body.N)
	}
	return nil
}

// signedBy reports whether any note in the sidecar is signed by a key.
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

// Sealed reports whether the log was sealed, without verifying anything.
func (l Log) Sealed() (bool, error) {
	_, s, err := l.openToRead()
	if errors.Is(err, ErrNotSealed) {
		return false, nil
	}
	if err == nil {
		err = s.Close()
	}
	return err == nil, err
}

// SealedAt returns when the log was sealed last, by the time of the file that its
// checkpoint is in; the zero time if it never was. Nothing is verified.
func (l Log) SealedAt() (time.Time, error) {
	_, s, err := l.openToRead()
	if err != nil {
		if errors.Is(err, ErrNotSealed) {
			err = nil
		}
		return time.Time{}, err
	}
	defer s.Close()
	f, err := s.open(checkpointName, os.O_RDONLY)
	if err != nil {
		return time.Time{}, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return time.Time{}, err
	}
	return st.ModTime(), nil
}
