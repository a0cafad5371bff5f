package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"
)

// Options are options for [Log.Seal]. The zero value has the defaults.
type Options struct {
	// Origin names the log in its checkpoints, and belongs to no other log. A log
	// keeps the one that it has; to ask for another one is an error. One that has
	// none gets DefaultOrigin if it is empty, and the name of the key if both are.
	Origin, DefaultOrigin string

	// Full has the whole log verified first, not only what can be checked
	// without reading it all. Its oldest files may be gone.
	Full bool

	// Closing says that the file is about to be moved away, so that the lines
	// that come after those that are in it now will be in another one.
	Closing bool

	// After is a checkpoint that the log must have grown from, as a program that
	// sealed it before may know one. The zero value is none.
	After Checkpoint

	// Wait is how long Seal waits for another process that seals or verifies the
	// log, before it fails with [ErrBusy]. Zero waits until the context ends.
	Wait time.Duration

	// Adopt goes on from a sidecar that another tool made: it has a checkpoint
	// signed by the same key, and tiles, but no manifest.
	Adopt bool
}

// ErrBusy is the error for a log that another process seals or verifies just now.
var ErrBusy = errors.New("another process seals or verifies it")

// Sealed is what came of sealing.
type Sealed struct {
	Checkpoint
	New int64 // lines that were not sealed before

	// Unended says that the log ends with a line that has no line feed yet. It may
	// still be written, so it is not sealed.
	Unended bool
}

// Seal brings the sidecar up to the log: it adds the lines that came since the
// last time to the tree, and signs the result. With no lines to add no checkpoint is
// signed, but for an empty log that never was.
//
// What was sealed is not read again. Only this is checked before: that the log is
// not shorter than it was, and that the last lines, those of the last tile, are the
// ones that were sealed. If not, or if the sidecar was changed, the error is a
// [*ChangedError], and [ErrOtherKey] if another key signed before. As the tree
// grows from what is stored, a change to an older line stays to be found by
// [Log.Verify].
//
// The sidecar must be the user's or root's, and writable for nobody else; a symbolic
// link does not stand for one.
//
// Lines are synced first, then the tiles, then the manifest, then the checkpoint.
// Killed at any point, the next Seal goes on from the last manifest that was stored.
// Several processes may seal at once: one waits for the other.
func (l Log) Seal(ctx context.Context, key *Key, o Options) (Sealed, error) {
	if !printable(o.Origin + o.DefaultOrigin) {
		return Sealed{}, errors.New("an origin has no control characters")
	}
	l, err := l.resolve()
	if err != nil {
		return Sealed{}, err
	}
	s, err := l.sidecarToSeal()
	if err != nil {
		return Sealed{}, err
	}
	defer s.Close()
	if _, err = s.lock(ctx, false, o.Wait); err != nil {
		return Sealed{}, err
	}
	st, err := s.load(key.verifier)
	if err != nil {
		return Sealed{}, err
	}
	switch origin := st.last.body.Origin; {
	case !st.signed:
		st.last.body.Origin = cmp.Or(o.Origin, o.DefaultOrigin, key.Name())
		if err := l.storage().syncDir(filepath.Dir(l.Path)); err != nil {
			return Sealed{}, err
		}
	case o.Origin != "" && o.Origin != origin:
		return Sealed{}, fmt.Errorf("the origin of the log is %s, not %s", origin, o.Origin)
	}
	if o.After.body.N > 0 {
		if err := s.grewFrom(o.After, st.last); err != nil {
			return Sealed{}, err
		}
	}
	switch {
	case st.manifest != nil:
		if st.last, err = s.complete(key, st.manifest); err != nil {
			return Sealed{}, err
		}
	case st.signed && !o.Adopt:
		return Sealed{}, changedf("%s is missing", s.path(manifestName))
	case st.signed:
		// It gets a manifest of its own first, so that there never is more than one
		// checkpoint to be stored.
		if _, err := l.extend(ctx, key, s, st, st.last.body.N, false); err != nil {
			return Sealed{}, err
		}
		if st, err = s.load(key.verifier); err != nil {
			return Sealed{}, err
		}
	}
	if o.Full && st.signed {
		err := again(func() error { return l.compare(ctx, s, &loaded{state: st}, new(Report), true) })
		if err != nil {
			return Sealed{}, err
		}
	}
	return l.extend(ctx, key, s, st, math.MaxInt64, o.Closing)
}
