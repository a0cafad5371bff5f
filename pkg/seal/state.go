package seal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/mod/sumdb/note"
)

// A ChangedError says what is not as it was sealed.
type ChangedError struct {
	Reason string
	Short  bool // lines are missing at the end
}

func (e *ChangedError) Error() string { return string(e.verdict()) + ": " + e.Reason }

func (e *ChangedError) verdict() Verdict {
	if e.Short {
		return Truncated
	}
	return Changed
}

func changedf(format string, args ...any) error {
	return &ChangedError{Reason: fmt.Sprintf(format, args...)}
}

// ErrNotSealed is the error for a log without a sidecar.
var ErrNotSealed = errors.New("not sealed yet")

// A state is what a sidecar says was sealed.
type state struct {
	last     Checkpoint // the newest; of no lines if none was signed
	signed   bool       // one was
	history  history    // of checkpoints
	manifest *manifest  // nil if there is none
	cutShort bool       // the last seal did not come to its end
	tiles    partials   // that checkpoints ask for
}

// load reads what a sidecar says was sealed, and checks that its files go
// together and, unless the verifier is nil, are signed. Unless all is set,
// checkpoints that the manifest vouches for are passed over.
//
// A seal writes checkpoints, checkpoint and manifest one after the other, so that
// the first may have one entry more than the others know of: it was cut short.
func (s sidecar) load(v note.Verifier, all bool) (*state, error) {
	st := new(state)
	checkpoint, err := s.read(checkpointName)
	if err != nil {
		return nil, err
	}
	signed, err := s.read(manifestName)
	if err != nil {
		return nil, err
	}
	if signed != nil {
		if st.manifest, err = parseManifest(signed, v); err != nil {
			return nil, s.unreadable(manifestName, err)
		}
		if !all {
			st.history = st.manifest.history
		}
	}
	before, torn, err := s.readCheckpoints(st, v)
	if err != nil {
		return nil, err
	}
	known := int64(0)
	if st.manifest != nil {
		known = st.manifest.history.count
	}
	switch extra := st.history.count - known; {
	case extra < 0:
		return nil, changedf("%s: entries are missing", s.path(checkpointsName))
	case extra > 1 && st.manifest == nil:
		return nil, changedf("%s is missing", s.path(manifestName))
	case extra > 1:
		return nil, changedf("%s does not know of the last %d %s", s.path(manifestName), extra, checkpointsName)
	case extra == 1:
		st.cutShort = true
		if all && !bytes.Equal(checkpoint, st.last.signed) && !bytes.Equal(checkpoint, before) {
			return nil, changedf("%s is none of %s", s.path(checkpointName), checkpointsName)
		}
		return st, nil
	}
	st.cutShort = torn
	if checkpoint == nil {
		if st.manifest != nil {
			return nil, changedf("%s is missing", s.path(checkpointName))
		}
		return st, nil
	}
	current, err := ParseCheckpoint(checkpoint, v)
	if err != nil {
		return nil, s.unreadable(checkpointName, err)
	}
	switch m := st.manifest; {
	case m == nil: // others made it
	case all && !bytes.Equal(checkpoint, st.last.signed):
		err = changedf("%s is not the last of %s", s.path(checkpointName), checkpointsName)
	case current.N != m.size() || current.Origin != m.origin:
		err = changedf("%s and %s are not of one seal", s.path(checkpointName), manifestName)
	}
	st.last, st.signed = current, true
	return st, err
}

// readCheckpoints reads the checkpoints behind those that st has, and returns the
// one before the last, and whether the last is torn.
func (s sidecar) readCheckpoints(st *state, v note.Verifier) (before []byte, torn bool, err error) {
	f, err := os.Open(s.path(checkpointsName))
	if errors.Is(err, fs.ErrNotExist) {
		if st.manifest != nil {
			err = changedf("%s is missing", s.path(checkpointsName))
		} else {
			err = nil
		}
		return nil, false, err
	}
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	if _, err := f.Seek(st.history.bytes, io.SeekStart); err != nil {
		return nil, false, err
	}
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	in.Split(splitNotes)
	for in.Scan() {
		before = st.last.signed
		c, err := ParseCheckpoint(bytes.Clone(in.Bytes()), v)
		if err != nil {
			return nil, false, s.unreadable(checkpointsName, err)
		}
		if st.signed && (c.Origin != st.last.Origin || c.N < st.last.N) {
			return nil, false, changedf("%s: entry %d is no later state of the log before it", s.path(checkpointsName), st.history.count+1)
		}
		st.last, st.signed = c, true
		st.history.add(c.signed)
		if m := st.manifest; m != nil && st.history.count == m.history.count && (st.history != m.history || c.N != m.size() || c.Origin != m.origin) {
			return nil, false, changedf("%s is not what was signed", s.path(checkpointsName))
		}
		st.tiles.add(c.N)
	}
	switch err := in.Err(); {
	case errors.Is(err, errTorn):
		return before, true, nil
	case errors.Is(err, bufio.ErrTooLong):
		return nil, false, changedf("%s has an entry that is no checkpoint", s.path(checkpointsName))
	case err != nil:
		return nil, false, err
	}
	return before, false, nil
}

var errTorn = errors.New("torn")

// splitNotes is a [bufio.SplitFunc] for signed notes one after the other.
func splitNotes(data []byte, atEOF bool) (advance int, token []byte, err error) {
	n := noteLength(data)
	switch {
	case len(data) == 0:
		return 0, nil, nil
	case n == 0 && atEOF:
		return 0, nil, errTorn
	case n == 0, len(data)-n < len(noteSignature) && !atEOF:
		return 0, nil, nil // more signatures may follow
	}
	return n, data[:n], nil
}

// unreadable makes the error for a file that is malformed, or not signed by the
// key.
func (s sidecar) unreadable(name string, err error) error {
	if errors.Is(err, ErrOtherKey) {
		return fmt.Errorf("%s: %w", s.path(name), err)
	}
	return changedf("%s: %v", s.path(name), err)
}
