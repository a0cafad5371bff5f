package openfiles

import (
	"bytes"
	"container/list"
	"errors"
	"io"
	"os"
)

// ErrReplaced is the error of a File that was closed when another file is at its path.
var ErrReplaced = errors.New("another file has taken its place")

// A File is a file of a [Pool]. It can be used as an [os.File], and is not safe for
// concurrent use.
type File struct {
	// Reopened, if not nil, is called with the file when it was opened again, and can
	// refuse it. By default the file must still have what was last read of it.
	Reopened func(*os.File) error

	pool  *Pool
	path  string
	flag  int
	info  os.FileInfo
	birth int64 // when it was created; 0: that is not known
	fixed bool  // it is never closed by the Pool
	at    int64 // where Read goes on

	tail   []byte // the last bytes that were read
	tailAt int64  // where they end

	// These are guarded by pool.mu.
	file  *os.File      // nil while it is closed
	pins  int           // how often it is in use
	place *list.Element // in pool.idle if it is open and not in use
}

// Path returns the path by which the file is opened.
func (f *File) Path() string { return f.path }

// Moved says that the file is at another path now.
func (f *File) Moved(path string) { f.path = path }

// Info returns what was known of the file when it was opened first.
func (f *File) Info() os.FileInfo { return f.info }

// Is reports whether st, which was got of the file at a path, is of this file. It also
// knows if a new file has got the identity of this one, as it may while this is closed.
func (f *File) Is(path string, st os.FileInfo) bool {
	if f.isOpen() {
		return os.SameFile(st, f.info)
	}
	return ID{f.info, f.birth}.Is(path, st)
}

func (f *File) isOpen() bool {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	return f.file != nil
}

// Fixed returns the file if the Pool never closes it, else nil.
func (f *File) Fixed() *os.File {
	if !f.fixed {
		return nil
	}
	return f.file
}

// Again returns another File for the same file, to be read from its start. It is opened
// now if it can be, so that the path can be given to another file.
func (f *File) Again() *File {
	again := &File{pool: f.pool, path: f.path, flag: f.flag, info: f.info, birth: f.birth}
	if again.Pin() == nil {
		again.Unpin()
	}
	return again
}

// Pin opens the file unless it is open, and keeps it open until Unpin. Whoever keeps a
// file open must not wait for another one of the Pool.
func (f *File) Pin() error {
	if f.fixed {
		return nil
	}
	p := f.pool
	if f.pinOpen() {
		return nil
	}
	p.take()
	file, err := f.reopen()
	if err != nil {
		p.give()
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f.file, f.pins = file, f.pins+1
	return nil
}

// pinOpen pins the file if it is open.
func (f *File) pinOpen() bool {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	if f.file == nil {
		return false
	}
	if f.pins++; f.place != nil {
		f.pool.idle.Remove(f.place)
		f.place = nil
	}
	return true
}

// Unpin undoes Pin.
func (f *File) Unpin() {
	if f.fixed {
		return
	}
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	if f.pins--; f.pins == 0 {
		f.pool.idled(f)
	}
}

func (f *File) reopen() (*os.File, error) {
	file, err := openAt(f.path, f.flag)
	if err != nil {
		return nil, err
	}
	st, err := file.Stat()
	switch {
	case err != nil:
	case !os.SameFile(st, f.info) || f.birth != birthOf(file, st):
		err = errReplaced(f.path)
	case f.Reopened != nil:
		err = f.Reopened(file)
	default:
		err = f.compare(file)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// compare checks that the file still has its tail. A new file may have got the identity
// of a deleted one.
func (f *File) compare(file *os.File) error {
	have := make([]byte, len(f.tail))
	if _, err := file.ReadAt(have, f.tailAt-int64(len(have))); err != nil && err != io.EOF {
		return err
	}
	if !bytes.Equal(have, f.tail) {
		return errReplaced(f.path)
	}
	return nil
}

// tailSize is how many bytes are compared.
const tailSize = 256

// ReadAt reads from an offset, see [io.ReaderAt].
func (f *File) ReadAt(p []byte, at int64) (int, error) {
	if err := f.Pin(); err != nil {
		return 0, err
	}
	defer f.Unpin()
	n, err := f.file.ReadAt(p, at)
	if n > 0 {
		f.tail = append(f.tail[:0], p[max(0, n-tailSize):n]...)
		f.tailAt = at + int64(n)
	}
	return n, err
}

// Read reads on, see [io.Reader].
func (f *File) Read(p []byte) (int, error) {
	if f.fixed {
		return f.file.Read(p)
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

// Seek sets where Read goes on, see [io.Seeker].
func (f *File) Seek(offset int64, whence int) (int64, error) {
	if f.fixed {
		return f.file.Seek(offset, whence)
	}
	switch whence {
	case io.SeekCurrent:
		offset += f.at
	case io.SeekEnd:
		st, err := f.Stat()
		if err != nil {
			return 0, err
		}
		offset += st.Size()
	}
	if offset < 0 {
		return 0, &os.PathError{Op: "seek", Path: f.path, Err: os.ErrInvalid}
	}
	f.at = offset
	return offset, nil
}

// Stat returns what is known of the file now. It does not open it.
func (f *File) Stat() (os.FileInfo, error) {
	if f.fixed {
		return f.file.Stat()
	}
	if f.pinOpen() {
		defer f.Unpin()
		return f.file.Stat()
	}
	st, err := os.Stat(f.path)
	if err == nil && !f.Is(f.path, st) {
		return nil, errReplaced(f.path)
	}
	return st, err
}

// Close closes the file for good.
func (f *File) Close() error {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	switch {
	case f.file == nil:
		return nil
	case f.fixed:
		return f.file.Close()
	}
	return f.drop()
}

// drop closes the file, which is open and not in use. The caller holds pool.mu.
func (f *File) drop() error {
	p := f.pool
	p.idle.Remove(f.place)
	file := f.file
	f.file, f.place = nil, nil
	p.open--
	p.room.Signal()
	return file.Close()
}
