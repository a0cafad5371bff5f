package seal

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"auditctl/pkg/seal/internal/merkle"
)

// A ChangedError is the error for a log or sidecar that is not as it was sealed.
type ChangedError struct {
	Reason string
	Short  bool // lines are missing at the end, or whole files
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

// ErrNotSealed is the error for a log that was never sealed.
var ErrNotSealed = errors.New("not sealed yet")

// A state is what was sealed according to a sidecar.
type state struct {
	last     Checkpoint // the newest; without lines if nothing was sealed
	signed   bool       // something was sealed
	manifest *manifest  // nil for a sidecar of another tool
	erasures *erasures
}

// load reads what was sealed, and verifies the signature unless v is nil.
func (s *sidecar) load(v note.Verifier) (*state, error) {
	signed, err := s.read(manifestName)
	if err != nil {
		return nil, err
	}
	if signed != nil {
		m, err := parseManifest(signed, v)
		if err != nil {
			return nil, s.unreadable(manifestName, err)
		}
		erased, err := s.erasures(m, v)
		if err != nil {
			return nil, err
		}
		unverified := slices.Concat(m.unverified, erased.unverified)
		slices.Sort(unverified)
		last := Checkpoint{body: m.checkpoint(), unverified: slices.Compact(unverified)}
		return &state{last: last, signed: true, manifest: m, erasures: erased}, nil
	}
	// A seal stores the manifest first.
	if f, err := s.open(checkpointsName, os.O_RDONLY); err == nil {
		f.Close()
		return nil, changedf("%s is missing", s.path(manifestName))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	signed, err = s.read(checkpointName)
	if err != nil || signed == nil {
		return &state{erasures: new(erasures)}, err
	}
	c, err := ParseCheckpoint(signed, v)
	if err != nil {
		return nil, s.unreadable(checkpointName, err)
	}
	return &state{last: c, signed: true, erasures: new(erasures)}, nil
}

// unreadable returns the error for a file that is malformed or not signed by the key.
func (s *sidecar) unreadable(name string, err error) error {
	if errors.Is(err, ErrOtherKey) {
		return fmt.Errorf("%s: %w", s.path(name), err)
	}
	return changedf("%s: %v", s.path(name), err)
}

// complete stores the checkpoint of a manifest, unless that was already done when the
// manifest was stored. Signatures are deterministic.
func (s *sidecar) complete(key *Key, m *manifest) (Checkpoint, error) {
	c := Checkpoint{body: m.checkpoint()}
	var err error
	if c.signed, err = key.sign(c.body.String()); err != nil {
		return c, err
	}
	f, err := s.open(checkpointsName, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return c, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return c, err
	}
	before := m.history.bytes - int64(len(c.signed))
	if size := st.Size(); size < before || size > m.history.bytes {
		return c, changedf("%s has %d bytes, not %d", s.path(checkpointsName), size, m.history.bytes)
	}
	stored := make([]byte, len(c.signed))
	n, err := f.ReadAt(stored, before)
	if err != nil && err != io.EOF {
		return c, err
	}
	switch {
	case n < len(stored):
		if _, err := f.WriteAt(c.signed, before); err != nil {
			return c, err
		}
		if err := cmp.Or(f.Sync(), s.Sync(".")); err != nil {
			return c, err
		}
	case !bytes.Equal(stored, c.signed):
		return c, changedf("%s does not end with the last checkpoint", s.path(checkpointsName))
	}
	current, err := s.read(checkpointName)
	if err == nil && !bytes.Equal(current, c.signed) {
		err = s.replaceSynced(checkpointName, c.signed)
	}
	return c, err
}

// checkHistory checks that the checkpoints of a sidecar are those of its manifest, and
// reports whether storing the last of them was interrupted. It returns their sizes.
func (s *sidecar) checkHistory(m *manifest) (signed merkle.Sizes, interrupted bool, err error) {
	f, err := s.open(checkpointsName, os.O_RDONLY)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	var have history
	var before, last []byte
	torn := false
	if err == nil {
		defer f.Close()
		in := bufio.NewScanner(f)
		in.Buffer(nil, maxNote)
		in.Split(splitNotes)
		for in.Scan() {
			before, last = last, bytes.Clone(in.Bytes())
			have.add(last)
			c, err := ParseCheckpoint(last, nil)
			if err != nil {
				return nil, false, changedf("%s: entry %d: %v", s.path(checkpointsName), have.count, err)
			}
			signed = append(signed, c.body.N)
		}
		switch err := in.Err(); {
		case errors.Is(err, errTorn):
			torn = true
		case errors.Is(err, bufio.ErrTooLong):
			return nil, false, changedf("%s has an entry that is not a checkpoint", s.path(checkpointsName))
		case err != nil:
			return nil, false, err
		}
	}
	current, err := s.read(checkpointName)
	if err != nil {
		return nil, false, err
	}
	switch {
	case have == m.history && !torn && bytes.Equal(current, last):
		return signed, false, s.checkLast(m, last)
	case have == m.history && !torn && bytes.Equal(current, before):
		return signed, true, s.checkLast(m, last)
	case have.count == m.history.count-1 && have.bytes < m.history.bytes && (bytes.Equal(current, last) || have.count == 0 && s.checkLast(m, current) == nil):
		return signed, true, nil // in the latter case the checkpoint is that of another tool
	case have == m.history && !torn:
		return nil, false, changedf("%s is not the last of %s", s.path(checkpointName), checkpointsName)
	}
	return nil, false, changedf("%s is not what was signed", s.path(checkpointsName))
}

// checkLast checks that the last checkpoint is of the tree of the manifest.
func (s *sidecar) checkLast(m *manifest, last []byte) error {
	c, err := ParseCheckpoint(last, nil)
	if err != nil || c.body != m.checkpoint() {
		return changedf("%s and %s are not of the same seal", s.path(checkpointsName), manifestName)
	}
	return nil
}
