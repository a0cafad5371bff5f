package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"auditctl/pkg/internal/timestamps"
)

// EraseOptions are options for [Log.Erase].
type EraseOptions struct {
	// Lines are the lines to erase, counted from 1 as [Log.Verify] and [Log.ProveLine] do.
	// All of them must be sealed. If there are none, it depends on Select.
	Lines Lines

	// Select, if not nil, leaves those of the Lines, or without Lines those of the log, for
	// which it returns true. It gets a line without its line feed, and if that is longer
	// than MaxSelect bytes, one byte more than that of it. It must not keep the text. It is
	// not called for lines whose text is gone already. If it returns true for a line that is
	// not sealed yet, nothing is erased, and the error is an [*UnsealedError].
	Select func(text []byte) bool

	// Reason says in one line why they are erased. It stays in the log.
	Reason string

	// Time is when they were erased, by default now. It is kept in full seconds.
	Time time.Time

	// Offline says that no other process has the log open, which is otherwise made sure of
	// by a lease. That is possible only on Linux, for the owner of the file and root, and on
	// most file systems. Without it the error is then one of [ErrNoLeases] and
	// [ErrNotOwner]. What another process writes during the erasure, without the lock that
	// package collector takes, is lost if it is true but should not be.
	Offline bool

	// DryRun changes nothing: what is returned would be done. The key may be nil, and the
	// Reason is not needed.
	DryRun bool
}

// MaxSelect is how much of a line [EraseOptions.Select] gets, in bytes.
const MaxSelect = 64 << 20

// maxReason is how long a reason may be, in bytes: it is in the place of each line.
const maxReason = 1000

// An UnsealedError is the error for lines that cannot be erased, since they are not sealed.
type UnsealedError struct {
	Line   int64 // one of them
	Sealed int64 // how many lines are sealed
}

func (e *UnsealedError) Error() string {
	return fmt.Sprintf("line %d cannot be erased, since only %d lines are sealed: seal it first", e.Line, e.Sealed)
}

// Erased is what [Log.Erase] did.
type Erased struct {
	Lines   Lines // that were erased
	Already Lines // those of EraseOptions.Lines whose text was gone already

	// Finished are lines that had been listed as erased before, but were still there, or
	// there again.
	Finished Lines

	Files []string // the paths of the files that the lines were in
}

// Erase takes sealed lines out of a log. In the place of each it leaves an event of the type
// erased, with the number of the line, its leaf hash, and the reason; nothing else of the
// log changes. Log.Verify still finds every other change, since the erasure is signed by the
// key, which must be the one that sealed the log. Proofs of other lines stay valid.
//
// The list of what was erased is stored before the log is changed. If Erase is killed in
// between, the text is still there, as [Report.StillThere] says: Erase again, with the same
// options or without any, finishes it. It does the same for lines that came back with a copy
// of the log. Each file of the log is replaced by another one with the same owner, group and
// permissions, so it has either all of the lines or none. Nobody may have it open meanwhile,
// see [EraseOptions.Offline]: then the error is [ErrOpen]. The file system may keep the
// blocks of the old file, and backups keep the lines.
//
// The error is [ErrNotSealed] for a log that was never sealed, [ErrOtherKey] if another key
// sealed it, and a [*ChangedError] if a line to be erased is not as it was sealed.
func (l Log) Erase(ctx context.Context, key *Key, o EraseOptions) (Erased, error) {
	l, err := l.resolve()
	if err != nil {
		return Erased{}, err
	}
	s, err := l.sidecarToErase()
	if err != nil {
		return Erased{}, err
	}
	defer s.Close()
	if _, err := s.lock(ctx, o.DryRun, 0); err != nil {
		return Erased{}, err
	}
	o.Time = cmp.Or(o.Time, time.Now()).UTC().Truncate(time.Second)
	var erased Erased
	err = again(func() error {
		st, err := s.loadToErase(key, o.DryRun)
		if err != nil {
			return err
		}
		if last := o.Lines.last(); last > st.last.body.N {
			return &UnsealedError{Line: last, Sealed: st.last.body.N}
		}
		e := &erasing{log: l, sidecar: s, state: st, options: o, hashes: treeHashes{sidecar: s, tree: st.last.body.Tree}}
		defer e.close()
		err = e.run(ctx, key)
		erased = e.erased
		return err
	})
	return erased, err
}

// loadToErase reads what was sealed, and unless it is only looked at, completes it.
func (s *sidecar) loadToErase(key *Key, dryRun bool) (*state, error) {
	if dryRun && key == nil {
		key = new(Key)
	}
	st, err := s.load(key.verifier)
	switch {
	case err != nil:
		return nil, err
	case !st.signed:
		return nil, ErrNotSealed
	case st.manifest == nil:
		return nil, fmt.Errorf("%s is of another tool, so it has no place for what was erased: adopt it with a seal first", s.Path())
	}
	if !dryRun {
		st.last, err = s.complete(key, st.manifest)
	}
	return st, err
}

// check checks what is not made here.
func (e *Erasure) check() error {
	switch {
	case strings.TrimSpace(e.Reason) == "":
		return errors.New("lines are not erased without a reason")
	case len(e.Reason) > maxReason:
		return fmt.Errorf("the reason has %d bytes: want at most %d", len(e.Reason), maxReason)
	case !printable(e.Reason):
		return errors.New("the reason must be one line of text, without control characters")
	case !timestamps.InRange(e.Time):
		return fmt.Errorf("the year %d is out of range", e.Time.Year())
	}
	return nil
}
