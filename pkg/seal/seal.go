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
	// Origin is the name of the log in its checkpoints, which no other log may have. It
	// is set by the first seal; another one later is an error. If it is empty, a new
	// log gets DefaultOrigin, or if that is empty, too, the name of the key.
	Origin, DefaultOrigin string

	// Full verifies the whole log first, not only the end of what was sealed. Its
	// oldest files may be gone.
	Full bool

	// Closing says that the file is about to be rotated, so that further lines will
	// be in another file.
	Closing bool

	// After is a checkpoint that the log must have grown from, for example that of the
	// previous seal. The zero value is none.
	After Checkpoint

	// Wait is how long to wait for another process that seals or verifies the log
	// before failing with [ErrBusy]. Zero waits until the context is done.
	Wait time.Duration

	// Adopt allows to continue a sidecar of another tool, which has tiles and a
	// checkpoint signed by the same key, but no manifest.
	Adopt bool
}

// ErrBusy is the error for a log that another process is sealing or verifying.
var ErrBusy = errors.New("another process seals or verifies it")

// Sealed is the result of sealing.
type Sealed struct {
	Checkpoint
	New int64 // lines that were not sealed before

	// Unended says that the last line has no line feed yet. It may still be being
	// written, so it is not sealed.
	Unended bool
}

// Seal adds the lines that came since the last seal to the tree, and signs it. Without new
// lines it signs no checkpoint, except for an empty log that was never sealed.
//
// It does not read again what was sealed. It checks only that the log is not shorter than
// it was, and that the sealed lines of the last tile are unchanged. If not, or if the
// sidecar was changed, the error is a [*ChangedError]; if another key signed before, it is
// [ErrOtherKey]. A change to an older line is not noticed, but the tree grows from the
// stored hashes, so that [Log.Verify] still finds it.
//
// The sidecar must be a directory that only the user and root may write to, not a symbolic
// link.
//
// Seal syncs first the lines, then the tiles, then the manifest, then the checkpoint. If
// it is killed at any point, the next Seal continues from the last manifest. Several
// processes may seal at the same time: they wait for each other.
func (l Log) Seal(ctx context.Context, key *Key, o Options) (Sealed, error) {
	if !printable(o.Origin + o.DefaultOrigin) {
		return Sealed{}, errors.New("an origin must not have control characters")
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
		// First it gets a manifest of its checkpoint, so that there is never more than
		// one checkpoint to be stored.
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
