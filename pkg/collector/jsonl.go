package collector

import (
	"io"
	"sync"

	"auditctl/pkg/events"
)

// bufferSize is how many bytes of events JSONL buffers before it writes them.
const bufferSize = 64 << 10

// JSONL writes events to a file or stream, one a line. It buffers up to 64 KiB and writes
// complete lines with one write, unless the system accepts only part of them at a time.
// Flush and Close write what is buffered; [Sync] says whether they also sync it.
//
// The first write or sync error is final: all later calls return it and write nothing, so
// that the destination ends where the first loss was. If a write to a file that JSONL
// opened fails within a line, the file is cut back to its last complete line.
//
// EmitLines accepts lines in pieces. If the last line is still incomplete at Close, it is
// removed from a file that JSONL opened, and ended with a line feed elsewhere.
type JSONL struct {
	mu     sync.Mutex
	out    output
	buf    []byte
	err    error
	closed bool
}

// An output is what JSONL writes to.
type output interface {
	// write writes lines. The last one may be a piece of a line.
	write(lines []byte) error

	// flush flushes or syncs what was written, as far as configured.
	flush() error

	// sync syncs what was written, if it is a file.
	sync() error

	// written returns how many bytes of lines were written, and will not be cut back.
	written() int64

	// close ends or removes an incomplete last line, and closes what JSONL opened.
	// After an error, endLine is false and the last line is left alone.
	close(endLine bool) error
}

// NewJSONL returns a collector that writes to w. It flushes w if that has a Flush method,
// and never closes it.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{out: &stream{w: w}} }

// Emit writes or buffers e.
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

// EmitLines writes or buffers lines.
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

// Flush writes what is buffered, and syncs it with SyncAlways.
func (j *JSONL) Flush() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := j.ready(); err != nil {
		return err
	}
	return j.flushAll()
}

// Written returns how many bytes of lines are in the file or stream, counted from when it
// was opened: also of a write that failed, and in a file that JSONL opened of whole lines
// only. It may be called during other calls.
func (j *JSONL) Written() int64 { return j.out.written() }

// Sync syncs to disk what was written, whatever the options say, even after a write failed.
// It does nothing for streams.
func (j *JSONL) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return ErrClosed
	}
	if j.err == nil {
		j.flush()
	}
	return j.out.sync()
}

// Close writes what is buffered, and closes the file if the collector opened it. It
// returns the first error of all calls, also of rotations. A second Close does nothing.
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

// Reopen writes what is buffered and reopens the path, after a program such as logrotate
// has moved the file. It does nothing for streams, FIFOs and devices.
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

// flush writes what is buffered.
func (j *JSONL) flush() error {
	if len(j.buf) == 0 {
		return nil
	}
	lines := j.buf
	j.buf = j.buf[:0]
	if cap(lines) > 2*bufferSize {
		j.buf = nil // do not keep a huge buffer for one huge line
	}
	j.err = j.out.write(lines)
	return j.err
}

// flushAll writes what is buffered and flushes the output.
func (j *JSONL) flushAll() error {
	if err := j.flush(); err != nil {
		return err
	}
	j.err = j.out.flush()
	return j.err
}
