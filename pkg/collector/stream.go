package collector

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync/atomic"

	"auditctl/pkg/internal/osfile"
)

// A stream is a borrowed writer, or something other than a regular file that JSONL
// opened: a FIFO, a device, or a descriptor that was open already.
type stream struct {
	w     io.Writer
	file  *os.File // w if JSONL opened it, else nil
	when  Sync     // never unless it is a regular file
	begun bool     // the last line is incomplete
	taken atomic.Int64
}

// Descriptor returns the descriptor of this process that a path such as /dev/stdout or
// /dev/fd/3, or a symbolic link to one, names, whether or not it is open. [OpenJSONL]
// writes to that descriptor.
func Descriptor(path string) (fd int, ok bool) { return osfile.DescriptorOf(path) }

// OpenStream opens a FIFO, device or the like for writing, as [OpenJSONL] does: opening a
// FIFO waits for its reader, and for a path that names a [Descriptor], it returns a
// duplicate of that. The caller must close the file.
func OpenStream(path string) (*os.File, error) { return osfile.OpenStream(path) }

func openStream(path string, opts JSONLOptions) (*stream, error) {
	w, err := OpenStream(path)
	if err != nil {
		return nil, err
	}
	s := &stream{w: w, file: w}
	if st, err := w.Stat(); err == nil && st.Mode().IsRegular() {
		if opts.Rotate.limited() {
			w.Close()
			return nil, &fs.PathError{Op: "rotate", Path: path, Err: errors.New("it is an open descriptor, not the name of a file")}
		}
		s.when = opts.Sync
	}
	return s, nil
}

func (s *stream) write(lines []byte) error {
	n, err := writeFull(s.w, lines)
	s.taken.Add(int64(n))
	if n > 0 {
		s.begun = lines[n-1] != '\n'
	}
	return err
}

func (s *stream) flush() error {
	if w, ok := s.w.(interface{ Flush() error }); ok {
		return w.Flush()
	}
	if s.when == SyncAlways {
		return s.file.Sync()
	}
	return nil
}

func (s *stream) sync() error    { return nil }
func (s *stream) written() int64 { return s.taken.Load() }

func (s *stream) close(endLine bool) (err error) {
	if endLine && s.begun {
		if err = s.write([]byte{'\n'}); err == nil {
			err = s.flush()
		}
	}
	if s.file == nil {
		return err
	}
	if s.when != SyncNever {
		err = cmp.Or(err, s.file.Sync())
	}
	return cmp.Or(err, s.file.Close())
}

// writeFull writes all of p, with several writes if w accepts only part of it at a time.
func writeFull(w io.Writer, p []byte) (written int, err error) {
	for written < len(p) {
		n, err := w.Write(p[written:])
		written += max(n, 0)
		if err != nil {
			return written, err
		}
		if n <= 0 {
			return written, io.ErrShortWrite
		}
	}
	return written, nil
}
