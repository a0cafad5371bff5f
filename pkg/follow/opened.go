package follow

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"auditctl/pkg/compress"
	"auditctl/pkg/openfiles"
)

// An opened is a file that was at the path.
type opened struct {
	file *openfiles.File
	info os.FileInfo

	name string // the path it was opened by

	regular bool
	pos     int64 // the end of what was read
	line    int64 // where the last line begins, which may be incomplete
	seen    int64 // the end of what was looked at
	atEnd   bool  // seen was the end of the file
	touched bool  // it was modified since, by its time at the last look
	raw     bool  // it is compressed
	cut     bool  // what was read is no longer in it
	skipped bool  // the rest of it is not to be read
	erased  bool  // the rest of it is read from the file that has its lines, some of them erased
	doubted bool  // it was closed and opened again since it was read
	sought  bool  // it is closed, cannot be opened, and was not found elsewhere
	trace   trace

	rest   io.ReadCloser // of a file that was truncated: what is read instead
	ends   bool          // for good, at its end
	stream io.Reader     // what is read if it is not regular
}

// open opens a path. It does not wait for the writer of a FIFO.
func open(files *openfiles.Pool, path string) (*opened, error) {
	file, err := files.Open(path, syscall.O_NONBLOCK)
	if err != nil {
		return nil, err
	}
	mode := file.Info().Mode()
	if mode.IsDir() {
		file.Close()
		return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	}
	o := newOpened(file)
	if mode&os.ModeNamedPipe != 0 {
		// An unnamed pipe, as at /dev/fd/3, has no path in the file system.
		_, err := filepath.EvalSymlinks(path)
		o.ends = err != nil
	} else {
		o.ends = !o.regular
	}
	return o, nil
}

func newOpened(file *openfiles.File) *opened {
	info := file.Info()
	o := &opened{file: file, info: info, name: file.Path(), regular: info.Mode().IsRegular(), stream: file}
	file.Reopened = func(*os.File) error {
		o.doubted = true
		return nil
	}
	return o
}

// again returns the same file, to be read from its start.
func (o *opened) again() *opened {
	again := newOpened(o.file)
	again.info, again.name = o.info, o.name
	return again
}

// is reports whether st, which was got of the file at a path, is of o.
func (o *opened) is(path string, st os.FileInfo) bool {
	if o.file == nil {
		return os.SameFile(st, o.info)
	}
	return o.file.Is(path, st)
}

func (o *opened) close() (err error) {
	if o.file != nil {
		err = o.file.Close()
	}
	if o.rest != nil {
		err = errors.Join(err, o.rest.Close())
	}
	return err
}

// head returns the first bytes of a regular file as they are now.
func (o *opened) head() []byte {
	if o.file == nil || !o.regular {
		return nil
	}
	return readAt(o.file, make([]byte, headSize), 0)
}

// begun reports whether anything was written to the file.
func (o *opened) begun() bool {
	st, err := o.file.Stat()
	return err != nil || !o.regular || st.Size() > 0
}

// readLines reads whole lines of a regular file, or all the rest of one that is over. It
// returns 0, nil if there is nothing new.
func (o *opened) readLines(p []byte, over bool) (int, error) {
	if o.erased {
		return 0, io.EOF
	}
	if err := o.file.Pin(); err != nil {
		return 0, unopened{err}
	}
	defer o.file.Unpin()
	o.sought = false
	n, err := o.file.ReadAt(p, o.pos)
	o.seen = o.pos + int64(n)
	switch {
	case n == 0 && err != io.EOF:
		return 0, err
	case n == 0:
		st, err := o.file.Stat()
		o.cut = err == nil && (st.Size() < o.pos || (o.touched || o.doubted) && !o.trace.endsAt(o.file, o.pos))
		if o.atEnd, o.touched, o.doubted = true, false, false; over || o.cut {
			err = io.EOF
		}
		return 0, err
	case (o.atEnd || o.doubted) && !o.trace.endsAt(o.file, o.pos):
		o.cut = true
		return 0, io.EOF
	case o.pos == 0:
		format, _ := compress.Detect(p[:n])
		o.raw = format != compress.None
	}
	o.atEnd, o.touched, o.doubted = n < len(p), false, false
	lines := bytes.LastIndexByte(p[:n], '\n') + 1
	if lines > 0 {
		o.line = o.pos + int64(lines)
	}
	if !over && !o.raw && (lines > 0 || n < len(p)) {
		n = lines
	}
	o.trace.add(p[:n], o.pos)
	o.pos += int64(n)
	return n, nil
}

// readRest reads the rest of a file that was truncated from its copy.
func (o *opened) readRest(p []byte) (int, error) {
	if o.rest == nil {
		return 0, io.EOF
	}
	n, err := o.rest.Read(p)
	if n > 0 {
		err = nil
	}
	return n, err
}

// onlyTailCut reports whether the file was truncated within its last, incomplete line
// only.
func (o *opened) onlyTailCut() bool {
	if o.file.Pin() != nil {
		return false
	}
	defer o.file.Unpin()
	st, err := o.file.Stat()
	return err == nil && 0 < o.line && o.line < o.pos && st.Size() >= o.line && o.trace.begins(o.file, o.line)
}

// restart goes back to the start of a file, or if only the last line was cut, to the
// start of that. A FIFO starts with whatever comes next.
func (o *opened) restart() {
	start := int64(0)
	if st, err := o.file.Stat(); o.regular && err == nil && st.Size() >= o.line {
		start = o.line
	}
	o.pos, o.line, o.seen, o.atEnd, o.cut, o.doubted = start, start, start, false, false, false
	if o.regular {
		o.trace.start(o.file, start)
	}
}
