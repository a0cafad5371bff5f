package index

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"

	"auditctl/pkg/internal/osfile"
)

// A VoidError says why the index at a path is not used.
type VoidError struct {
	Path string
	Err  error
}

func (e *VoidError) Error() string { return fmt.Sprintf("%s is not used: %v", e.Path, e.Err) }
func (e *VoidError) Unwrap() error { return e.Err }

// Why an index is not used.
var (
	errChanged   = errors.New("the log was changed after it was made")
	errDamaged   = errors.New("it is damaged")
	errVersion   = errors.New("another version of auditctl made it")
	errForeign   = errors.New("it belongs to another user")
	errWritable  = errors.New("others may write to it")
	errIrregular = errors.New("it is not a regular file")
)

// Open opens the index at a path, which is usually [Name] of the log's, for an open log. If
// there is none that is of use to this user, the error is [fs.ErrNotExist], and nothing needs
// to be said: neither a file that is no index counts, nor one that may not be read. If there
// is one that must not be used, the error is a *VoidError.
func Open(log *os.File, path string) (*Index, error) {
	if !supported {
		return nil, fs.ErrNotExist
	}
	f, last, grown, err := openFor(log, path)
	// Somebody may just be appending, first to the log and then to the index.
	for try := 1; try <= retries && (grown || errors.Is(err, errChanged)); try++ {
		if f != nil {
			f.Close()
		}
		time.Sleep(time.Duration(try) * retryPause)
		f, last, grown, err = openFor(log, path)
	}
	if err != nil {
		return nil, err
	}
	ix, err := load(f, last)
	if err != nil {
		f.Close()
		return nil, void(path, err)
	}
	ix.grown = grown
	return ix, nil
}

// How often to wait for a process that appends, and how much longer each time.
const (
	retries    = 4
	retryPause = 100 * time.Microsecond
)

// openFor opens the file of an index, and reports whether its log has grown since.
func openFor(log *os.File, path string) (f *os.File, last record, grown bool, err error) {
	f, last, err = openFile(path, os.O_RDONLY)
	if err == nil {
		// In this order: the index of a log that is appended to is always somewhat late.
		grown, err = last.grown(log)
		if err != nil {
			f.Close()
		}
	}
	return f, last, grown, void(path, err)
}

// openFile opens the file of an index that may be used, and returns its record.
func openFile(path string, flag int) (f *os.File, last record, err error) {
	f, err = osfile.OpenRegular(path, flag|osfile.NoFollow, 0)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, last, fs.ErrNotExist
	case errors.Is(err, osfile.ErrNotRegular), errors.Is(err, syscall.ELOOP):
		err = errIrregular
	}
	if err != nil {
		return nil, last, err
	}
	if last, err = check(f); err != nil {
		f.Close()
		return nil, last, err
	}
	return f, last, nil
}

// void makes an error say that an index is not used, unless there is none.
func void(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	}
	return &VoidError{path, err}
}

// check returns the record of an index, or an error if its file must not be used.
func check(f *os.File) (last record, err error) {
	head, err := readHead(f)
	if err == nil {
		err = checkMagic(head)
	}
	if err == nil {
		err = checkOwner(f)
	}
	if err != nil {
		return last, err
	}
	st, err := f.Stat()
	if err != nil {
		return last, err
	}
	last, ok := lastRecord(head)
	if !ok || st.Size() < last.length {
		return last, errDamaged
	}
	return last, nil
}

// readHead reads what comes before the segments, or as much of it as there is.
func readHead(f io.ReaderAt) ([]byte, error) {
	head := make([]byte, segmentsAt)
	n, err := f.ReadAt(head, 0)
	if err == io.EOF {
		err = nil
	}
	return head[:n], err
}

// checkMagic returns an error unless a file that starts with head is an index of this
// version, [fs.ErrNotExist] if it is none at all.
func checkMagic(head []byte) error {
	switch {
	case len(bytes.Trim(head, "\x00")) == 0: // as a crash of the machine may leave it
		return errDamaged
	case !bytes.HasPrefix(head, []byte(Magic)):
		return fs.ErrNotExist
	case int64(len(head)) < segmentsAt:
		return errDamaged
	case head[len(Magic)] != version:
		return errVersion
	}
	return nil
}

// lastRecord returns the record that was written last.
func lastRecord(head []byte) (last record, ok bool) {
	for i := range int64(2) {
		r, is := readRecord(head[slotsAt+i*slotSize : slotsAt+(i+1)*slotSize])
		if is && (!ok || r.sequence > last.sequence) {
			last, ok = r, true
		}
	}
	return last, ok
}

// grown reports whether a log may only have grown since the record was made of it, and returns
// an error if something else has happened to it.
func (r *record) grown(log descriptor) (bool, error) {
	now, err := stateOf(log)
	switch {
	case err != nil:
		return false, err
	case now.inode != r.state.inode || now.size < r.state.size:
		return false, errChanged
	case now.size > r.state.size, !r.sure, !r.lasts():
		return true, nil
	case !now.equal(r.state):
		return false, errChanged
	}
	return false, nil
}

// load reads an index whose record is known.
func load(f *os.File, last record) (*Index, error) {
	var secret [keySize]byte
	if _, err := f.ReadAt(secret[:], int64(magicSize)); err != nil {
		return nil, err
	}
	ix := &Index{key: keyOf(secret), last: last, file: f}
	r := reader{file: f, at: segmentsAt, length: last.length, hint: last.blocks, in: ix}
	for r.at < last.length {
		if !r.segment() {
			return nil, errDamaged
		}
	}
	if r.end > last.state.size {
		return nil, errDamaged
	}
	ix.blocks, ix.names, ix.segments = r.blocks, r.names, r.segments
	return ix, nil
}
