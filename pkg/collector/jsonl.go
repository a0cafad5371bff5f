package collector

import (
	"io"
	"sync"

	"auditctl/pkg/events"
)

// bufferSize is how many bytes of events JSONL gathers before it writes them.
const bufferSize = 64 << 10

// JSONL writes events to a file or stream, one a line. It gathers small events
// and writes them together: whole lines in one write, unless the system takes
// only a part at a time. What was gathered is written by Flush and Close at the
// latest; [Sync] says whether they also wait until it is on the disk.
//
// The first write or sync error is final: what comes after it is refused with
// the same error, so that the destination ends where the first loss was. A file
// that JSONL opened is cut back to its last whole line if a write ended within
// one.
//
// Lines too long for a block may come to EmitLines in pieces. Close cuts back a
// file whose last line did not come whole, and ends the line elsewhere.
type JSONL struct {
	mu     sync.Mutex
	out    output
	buf    []byte
	err    error
	closed bool
}

// An output is where JSONL writes to.
type output interface {
	// write writes lines: whole ones, or a piece of one at the end.
	write(lines []byte) error

	// flush hands on what was written.
	flush() error

	// close ends a line of which only pieces were written, or takes the pieces
	// back, and closes what JSONL opened. With whole unset, after an error,
	// there is nothing to be ended.
	close(whole bool) error
}

// NewJSONL returns a collector that writes to w, which stays the caller's: it
// is written to, flushed with its own Flush method if it has one, and never
// closed.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{out: &stream{w: w}} }

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
	j.err = j.out.write(lines)
	return j.err
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
	j.closed = true
	if j.err == nil {
		j.flushAll()
	}
	if err := j.out.close(j.err == nil); j.err == nil {
		j.err = err
	}
	j.buf = nil
	return j.err
}

// Reopen writes what was gathered and opens the path anew, for a program such as
// logrotate that moved the file away. It does nothing for streams, FIFOs and
// devices.
func (j *JSONL) Reopen() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.ready(); err != nil {
		return err
	}
	if f, ok := j.out.(*file); ok && j.flushAll() == nil {
		j.err = f.reopen()
	}
	return j.err
}

func (j *JSONL) ready() error {
	if j.closed {
		return ErrClosed
	}
	return j.err
}

// flush writes what was gathered.
func (j *JSONL) flush() error {
	if len(j.buf) == 0 {
		return nil
	}
	lines := j.buf
	j.buf = j.buf[:0]
	if cap(lines) > 2*bufferSize {
		j.buf = nil // one huge line does not cost memory for ever
	}
	j.err = j.out.write(lines)
	return j.err
}

// flushAll writes what was gathered and has it handed on.
func (j *JSONL) flushAll() error {
	if err := j.flush(); err != nil {
		return err
	}
	j.err = j.out.flush()
	return j.err
}
