package collector

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"

	"auditctl/pkg/events"
)

// bufferSize is how many bytes of events JSONL gathers before it writes them.
const bufferSize = 64 << 10

// JSONL writes events to a file or stream, one a line. It gathers small events
// and writes them together: whole lines in one write, unless the system takes
// only a part at a time. What was gathered is written by Flush and Close at the
// latest; neither waits until it is on the disk.
//
// The first write error is final: what comes after it is refused with the same
// error, so that the file ends where the first loss was. A file that JSONL
// opened is cut back to its last whole line if a write ended within one.
//
// Lines too long for a block may come to EmitLines in pieces. Close cuts back a
// file whose last line did not come whole, and ends the line elsewhere.
type JSONL struct {
	mu     sync.Mutex
	w      io.Writer
	file   *os.File // what Close closes; nil where w is borrowed
	buf    []byte
	torn   bool // the file ends within a line that is not ours
	err    error
	closed bool

	// How much was written of a line whose end has not come, and where in the
	// file that ended.
	begun    int64
	begunEnd int64
}

// JSONLOptions are options for [OpenJSONL]. The zero value has the defaults.
type JSONLOptions struct {
	// Truncate empties a regular file when it is opened.
	Truncate bool
}

// OpenJSONL opens a file to append to, and creates it with mode 0600 if there
// is none. If its last line lacks the line feed it gets one before the first
// event. Opening a FIFO waits for its reader. The file belongs to the collector;
// Close closes it. The options may be nil.
func OpenJSONL(path string, opts *JSONLOptions) (*JSONL, error) {
	if opts == nil {
		opts = &JSONLOptions{}
	}
	// A FIFO or device is opened for writing only: a FIFO opened both ways
	// would never have a missing reader.
	flags := os.O_WRONLY
	if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
		flags = os.O_RDWR | os.O_APPEND | os.O_CREATE
		if opts.Truncate {
			flags |= os.O_TRUNC
		}
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrPermission) && flags&os.O_RDWR != 0 {
		f, err = os.OpenFile(path, flags&^os.O_RDWR|os.O_WRONLY, 0o600)
	}
	if err != nil {
		return nil, err
	}
	return &JSONL{w: f, file: f, torn: endsTorn(f)}, nil
}

// endsTorn reports whether f is a file whose last byte is not, or may not be, a
// line feed. One too many makes a blank line, which is harmless.
func endsTorn(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() || st.Size() == 0 {
		return false
	}
	var last [1]byte
	_, err = f.ReadAt(last[:], st.Size()-1)
	return err != nil || last[0] != '\n'
}

// NewJSONL returns a collector that writes to w, which stays the caller's: it
// is written to, flushed with its own Flush method if it has one, and never
// closed.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{w: w} }

// Emit writes e, or gathers it to be written.
func (j *JSONL) Emit(e events.Event) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.ready(); err != nil {
		return err
	}
	if len(j.buf)+len(e.Line())+1 > bufferSize {
		if err := j.flush(); err != nil {
			return err
		}
	}
	j.buf = append(j.buf, e.Line()...)
	j.buf = append(j.buf, '\n')
	if len(j.buf) >= bufferSize {
		return j.flush()
	}
	return nil
}

// EmitLines writes lines, or gathers them to be written.
func (j *JSONL) EmitLines(lines []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.ready(); err != nil {
		return err
	}
	if len(j.buf)+len(lines) < bufferSize {
		j.buf = append(j.buf, lines...)
		return nil
	}
	if err := j.flush(); err != nil {
		return err
	}
	return j.write(lines)
}

// Flush writes what was gathered.
func (j *JSONL) Flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.ready(); err != nil {
		return err
	}
	return j.flushAll()
}

// Close writes what was gathered, and closes the file if the collector opened
// it. It reports the first error there ever was; a second Close does nothing.
func (j *JSONL) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	if j.err == nil && j.begun > 0 && !j.cutBack() {
		j.buf = append(j.buf, '\n')
	}
	if j.err == nil {
		j.flushAll()
	}
	j.closed = true
	j.buf = nil
	if j.file != nil {
		if err := j.file.Close(); err != nil && j.err == nil {
			j.err = err
		}
	}
	return j.err
}

func (j *JSONL) ready() error {
	if j.closed {
		return ErrClosed
	}
	return j.err
}

func (j *JSONL) flush() error {
	if len(j.buf) == 0 {
		return nil
	}
	lines := j.buf
	j.buf = j.buf[:0]
	if cap(lines) > 2*bufferSize {
		j.buf = nil // one huge line does not cost memory for ever
	}
	return j.write(lines)
}

// flushAll writes what was gathered and flushes a stream that gathers itself.
func (j *JSONL) flushAll() error {
	if err := j.flush(); err != nil {
		return err
	}
	if w, ok := j.w.(interface{ Flush() error }); ok {
		j.err = w.Flush()
	}
	return j.err
}

// write writes lines and remembers the first error.
func (j *JSONL) write(lines []byte) error {
	if j.torn {
		j.torn = false
		if _, err := writeFull(j.w, []byte{'\n'}); err != nil {
			j.err = err
			return err
		}
	}
	n, err := writeFull(j.w, lines)
	rest := int64(n - bytes.LastIndexByte(lines[:n], '\n') - 1) // of a line without its end
	if rest == 0 && err == nil {
		j.begun = 0
		return nil
	}
	end := j.position()
	if rest == int64(n) && end-rest == j.begunEnd {
		rest += j.begun
	}
	j.begun, j.begunEnd = rest, end
	if err != nil {
		j.err = err
		j.cutBack()
	}
	return err
}

// position returns where in its file the last write ended, 0 where there is no
// such place.
func (j *JSONL) position() int64 {
	if j.file == nil {
		return 0
	}
	end, err := j.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0 // a FIFO or device
	}
	return end
}

// writeFull writes all of p, in more than one write where w takes only a part
// at a time.
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

// cutBack removes what was written of a line that could not be written whole,
// if that can be done without touching what others appended meanwhile, and
// reports whether it could.
func (j *JSONL) cutBack() bool {
	if j.begun == 0 || j.begunEnd == 0 {
		return false
	}
	st, err := j.file.Stat()
	return err == nil && st.Size() == j.begunEnd && j.file.Truncate(j.begunEnd-j.begun) == nil
}
