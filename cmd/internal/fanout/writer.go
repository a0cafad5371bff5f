package fanout

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/collector"
)

// A writer writes to one destination, and gives up a write that does not end. It decides
// nothing else: the Set decides what an error means. It is for one goroutine.
type writer struct {
	opening // has no sink before it is opened
	remote  bool
	limits  *limits

	stuck bool // in a write that does not end

	// Of a write that was begun: its result, nil if none was begun, and what is closed
	// when it takes too long for a command that is interrupted.
	written  chan error
	deadline <-chan struct{}
}

// A sink is what a writer writes to. That of a path may have a Reopen method as well.
type sink interface {
	collector.LinesCollector
	io.Closer
}

// An opening is the result of opening a destination.
type opening struct {
	sink  sink     // nil after an error
	fifo  *os.File // to be closed after the sink; nil for files
	meter *meter   // of a stream that may stall; else nil
	err   error
}

// openPath opens a path, unless ctx ends first or it takes longer than the stall time:
// opening a FIFO waits for its reader.
func (w *writer) openPath(ctx context.Context, path string, turn *sync.Mutex, role Role, opts collector.JSONLOptions) (err error) {
	opened := make(chan opening, 1)
	go func() { opened <- openPath(path, turn, role, opts, w.limits) }()
	select {
	case o := <-opened:
		w.opening = o
		return o.err
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-w.limits.stalled():
		err = errors.New("nobody reads it")
	}
	go func() { // a reader that comes later finds its end
		if o := <-opened; o.err == nil {
			o.close()
		}
	}()
	return err
}

func openPath(path string, turn *sync.Mutex, role Role, opts collector.JSONLOptions, limits *limits) opening {
	if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
		return openFile(path, role, opts)
	}
	f, err := collector.OpenStream(path)
	if err != nil {
		return opening{err: err}
	}
	o := borrow(f, turn, role, limits)
	o.fifo = f
	return o
}

func openFile(path string, role Role, opts collector.JSONLOptions) opening {
	opts.Header, opts.New = role.Header, role.Whole
	if len(role.Header) > 0 && descriptorOf(path) == unopened && otherHeader(path, role.Header) {
		return opening{err: errors.New("it has other columns: name a new file, or the same --format and --columns")}
	}
	file, err := collector.OpenJSONL(path, &opts)
	switch {
	case role.Whole && errors.Is(err, fs.ErrExist):
		return opening{err: errors.New("it is there already, and an array cannot be continued: name a new file")}
	case err != nil:
		return opening{err: err}
	case descriptorOf(path) != unopened:
		return opening{sink: role.begin(file)} // the options are not for descriptors
	}
	return opening{sink: file}
}

// openRemote opens an address with a scheme.
func (w *writer) openRemote(ctx context.Context, open opener) error {
	opened, err := open(ctx)
	if err == nil {
		w.sink, w.remote = opened, true
	}
	return err
}

// borrow makes a sink of a stream.
func borrow(w io.Writer, turn *sync.Mutex, role Role, limits *limits) opening {
	var o opening
	if !role.Shown {
		w = terminal.Guard(w)
	}
	if limits.stall > 0 {
		o.meter = &meter{w: w}
		w = o.meter
	}
	if turn != nil {
		w = &takingTurns{w, turn}
	}
	o.sink = role.begin(collector.NewJSONL(w))
	return o
}

// takingTurns writes to a stream that others write to as well, such as a terminal, but
// not while they write.
type takingTurns struct {
	io.Writer
	turn *sync.Mutex
}

func (t *takingTurns) Write(p []byte) (int, error) {
	t.turn.Lock()
	defer t.turn.Unlock()
	return t.Writer.Write(p)
}

// taken returns how many bytes a stream has taken, 0 for a file, whose writes count only
// as a whole.
func (o opening) taken() int64 {
	if o.meter == nil {
		return 0
	}
	return o.meter.taken.Load()
}

// close closes the sink, and what was opened for it.
func (o opening) close() error {
	err := o.sink.Close()
	if o.fifo != nil {
		err = cmp.Or(err, o.fifo.Close())
	}
	return err
}

// write writes lines, however long that takes.
func (w *writer) write(lines []byte) error { return write(w.sink, lines) }

func write(to sink, lines []byte) error {
	if err := to.EmitLines(lines); err != nil {
		return err
	}
	return to.Flush()
}

// begin starts writing lines, which must not be modified until wait returns, or ever if
// the writer is then stuck.
func (w *writer) begin(lines []byte) {
	written, sink := make(chan error, 1), w.sink
	w.written, w.deadline = written, w.limits.deadline()
	go func() { written <- write(sink, lines) }()
}

// wait waits for the write that was begun, if any, and returns its error. It gives up a
// write of which nothing is taken for the stall time, and, once the command is
// interrupted, one to a FIFO that nobody reads or to a server that does not answer, so
// that the others can be closed whole. The writer is then stuck.
func (w *writer) wait() (err error) {
	if w.written == nil {
		return nil
	}
	defer func() { w.written = nil }()
	reason, taken, stalled := errStuck, w.taken(), w.limits.stalled
	if w.remote {
		reason, stalled = errUnanswered, never
	}
waiting:
	for {
		select {
		case err = <-w.written:
			return err
		case <-stalled():
			before := taken
			if taken = w.taken(); taken == before {
				reason = fmt.Errorf("took no data for %v", w.limits.stall)
				break waiting
			}
		case <-w.deadline:
			break waiting
		}
	}
	select {
	case err = <-w.written: // it ended just now, or while others were waited for
		return err
	default:
		w.stuck = true
		return reason
	}
}

var (
	errStuck      = errors.New("interrupted in a write that does not end; it may end within a line")
	errUnanswered = errors.New("interrupted before the last events were acknowledged")
)

// from says where the lines that follow come from, to a sink that needs it to skip what
// an earlier run wrote.
func (w *writer) from(origin string) {
	if sink, ok := w.sink.(interface{ From(origin string) }); ok {
		sink.From(origin)
	}
}

// reopen reopens a file. An error shows at the next write.
func (w *writer) reopen() {
	if sink, ok := w.sink.(interface{ Reopen() error }); ok {
		sink.Reopen()
	}
}

// end waits for a write that was begun, and closes what was opened, unless the writer is
// stuck: that would wait forever.
func (w *writer) end() error {
	err := w.wait()
	if w.sink == nil || w.stuck {
		return err
	}
	return w.opening.close() // which reports the same error
}
