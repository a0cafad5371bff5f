package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"auditctl/pkg/internal/osfile"
)

// A VoidError says why the index at a path is not used.
type VoidError struct {
	Path string
	Err  error
}

func (e *VoidError) Error() string { return fmt.Sprintf("%s is not used: %v", e.Path, e.Err) }
func (e *VoidError) Unwrap() error { return e.Err }

// Open opens the index at a path, which is usually [Name] of the log's, for an open log. If
// there is none that is of use to this user, the error is [fs.ErrNotExist] and nothing needs
// to be said: nor does a file count that is no index, nor one that may not be read. If there
// is one that must not be used, the error is a *VoidError.
func Open(log *os.File, path string) (*Index, error) {
	if !supported {
		return nil, fs.ErrNotExist
	}
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	ix, err := load(f)
	if err == nil {
		err = ix.fit(log)
	}
	if err != nil {
		f.Close()
		return nil, void(path, err)
	}
	return ix, nil
}

// openFile opens the file of an index.
func openFile(path string) (*os.File, error) {
	f, err := osfile.OpenRegular(path, os.O_RDONLY|osfile.NoFollow, 0)
	switch {
	case err == nil:
		return f, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, fs.ErrNotExist
	case errors.Is(err, osfile.ErrNotRegular), errors.Is(err, syscall.ELOOP):
		err = errIrregular
	}
	return nil, void(path, err)
}

func void(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &VoidError{path, err}
}

// load reads an index, which is that of a log in some state.
func load(f *os.File) (*Index, error) {
	head := make([]byte, segmentsAt)
	n, err := f.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if err := checkMagic(head[:n]); err != nil {
		return nil, err
	}
	if err := checkOwner(f); err != nil {
		return nil, err
	}
	last, ok := lastRecord(head)
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !ok || st.Size() < last.length {
		return nil, errDamaged
	}
	ix := &Index{key: keyOf([keySize]byte(head[magicSize:])), state: last.state, next: last.next, file: f}
	ix.grown = !last.synced && (last.boot == bootID{} || last.boot != thisBoot())
	return ix, ix.decode(f, last.length)
}

// checkMagic returns an error unless a file that starts with head is an index of this
// version. [fs.ErrNotExist] is that it never was one.
func checkMagic(head []byte) error {
	zero := true
	for _, c := range head {
		zero = zero && c == 0
	}
	switch {
	case zero: // as a crash of the machine may leave it
		return errDamaged
	case !bytes.HasPrefix(head, []byte(magic)):
		return fs.ErrNotExist
	case int64(len(head)) < segmentsAt:
		return errDamaged
	case head[len(magic)] != version:
		return errVersion
	}
	return nil
}

// lastRecord returns the record of the slot that was written last.
func lastRecord(head []byte) (last record, ok bool) {
	for i := range int64(2) {
		r, is := readRecord(head[slotsAt+i*slotSize : slotsAt+(i+1)*slotSize])
		if is && (!ok || r.sequence > last.sequence) {
			last, ok = r, true
		}
	}
	return last, ok
}

// fit returns an error unless the index is that of a log, and sets whether that has grown.
func (ix *Index) fit(log *os.File) error {
	now, err := stateOf(log)
	switch {
	case err != nil:
		return err
	case now.grownFrom(ix.state):
		ix.grown = true
	case !now.equal(ix.state):
		return errChanged
	}
	return nil
}
