package seal

import (
	"bufio"
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
)

// A reader reads a file of a log.
type reader struct {
	src    io.Reader
	raw    *os.File
	packed Unpacker // nil if it is not compressed
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	if err != nil && err != io.EOF && !errors.As(err, new(*fs.PathError)) {
		err = &fs.PathError{Op: "read", Path: r.raw.Name(), Err: err}
	}
	return n, err
}

func (l Log) open(f found) (*reader, error) {
	raw, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	if info, err := raw.Stat(); err != nil || !os.SameFile(info, f.info) {
		raw.Close()
		return nil, cmp.Or(err, errMoved)
	}
	r := &reader{raw, raw, nil}
	if l.Unpack == nil {
		return r, nil
	}
	unpacker := l.Unpack(raw)
	in := bufio.NewReader(unpacker)
	if _, err := in.Peek(1); err != nil && err != io.EOF {
		raw.Close()
		return nil, &fs.PathError{Op: "read", Path: f.path, Err: err}
	}
	if unpacker.Packed() {
		r.src, r.packed = in, unpacker
		return r, nil
	}
	if _, err := raw.Seek(0, io.SeekStart); err != nil {
		raw.Close()
		return nil, err
	}
	return r, nil
}

func (r *reader) Close() error {
	var err error
	if r.packed != nil {
		err = r.packed.Close()
	}
	return cmp.Or(err, r.raw.Close())
}

// sync syncs the file, as far as one can that is open for reading.
func (r *reader) sync() error {
	err := r.raw.Sync()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
