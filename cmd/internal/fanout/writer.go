package fanout

import (
	"bytes"
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
	mu      sync.Mutex // held while opening is replaced or used by another goroutine
	opening            // has no sink before it is opened
	remote  bool
	limits  *limits

	progress progress
	within   bool // the last lines end within a line
	broken   bool // the last write failed
	stuck    bool // in a write that does not end
	givenUp  int  // how many writes were given up

	// Of a write that was begun: its result, nil if none was begun, what is closed when it
	// takes too long for a command that is interrupted, and the opening that it began
	// with; nil: it goes on with what was open.
	written  chan error
	deadline <-chan struct{}
	next     *opening
}

// A sink is what a writer writes to. That of a path may have a Reopen method as well.
type sink interface {
	collector.LinesCollector
	io.Closer
}

// An opening is the result of opening a destination.
type opening struct {
	sink sink     // nil after an error
	fifo *os.File // to be closed after the sink; nil for files
	err  error
}

// openPath opens a path, unless ctx ends first or it takes longer than the stall time:
// opening a FIFO waits for its reader.
func (w *writer) openPath(ctx context.Context, path string, turn sync.Locker, role Role, opts collector.JSONLOptions) (err error) {
	opened := make(chan opening, 1)
	go func() { opened <- openPath(path, turn, role, opts, w.limits, &w.progress) }()
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

func openPath(path string, turn sync.Locker, role Role, opts collector.JSONLOptions, limits *limits, of *progress) opening {
	if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
		return openFile(path, role, opts)
	}
	f, err := collector.OpenStream(path)
	if err != nil {
		return opening{err: err}
	}
	if st, err := f.Stat(); turn == nil && err == nil && st.Mode()&os.ModeNamedPipe != 0 {
		turn = fifoLock{f}
	}
	o := borrow(f, turn, role, limits, of)
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
	w.remote = true
	opened, err := open(ctx)
	if err == nil {
		w.sink = opened
	}
	return err
}

// borrow makes a sink of a stream.
func borrow(w io.Writer, turn sync.Locker, role Role, limits *limits, of *progress) opening {
	if !role.Shown {
		w = terminal.Guard(w)
	}
	if limits.stall > 0 {
		w = &meter{w: w, of: of}
	}
	if turn != nil {
		w = &takingTurns{w, turn}
	}
	return opening{sink: role.begin(collector.NewJSONL(w))}
}

// takingTurns writes to a stream that others write to as well, such as a terminal or a
// FIFO, but not while they write.
type takingTurns struct {
	io.Writer
	turn sync.Locker
}

func (t *takingTurns) Write(p []byte) (int, error) {
	t.turn.Lock()
	defer t.turn.Unlock()
	return t.Writer.Write(p)
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
	sink := w.sink
	w.start(lines, func() error { return write(sink, lines) })
}

// beginAgain is begin after a failure: it closes what was open and opens it again first.
func (w *writer) beginAgain(lines []byte, open func() opening) {
	broken, next := w.opening, new(opening)
	w.start(lines, func() error {
		if broken.sink != nil {
			broken.close() // the error was reported
		}
		if *next = open(); next.err != nil {
			return next.err
		}
		return write(next.sink, lines)
	})
	w.next = next
}

func (w *writer) start(lines []byte, write func() error) {
	w.skip(lines)
	written := make(chan error, 1)
	w.written, w.deadline, w.next = written, w.limits.deadline(), nil
	go func() { written <- write() }()
}

// skip does not write lines.
func (w *writer) skip(lines []byte) { w.within = !bytes.HasSuffix(lines, []byte{'\n'}) }

// ended takes note of the result of a write.
func (w *writer) ended(err error) error {
	if w.next != nil {
		w.mu.Lock()
		w.opening = *w.next
		w.mu.Unlock()
	}
	w.written, w.broken = nil, err != nil
	return err
}

// idle reports whether there is no write to wait for.
func (w *writer) idle() bool { return w.written == nil || w.stuck }

// free reports whether a write may begin, since none that was given up is still going on.
func (w *writer) free() bool {
	if !w.stuck {
		return true
	}
	select {
	case err := <-w.written:
		w.stuck = false
		w.ended(err)
		w.broken = w.broken || w.within
		return true
	default:
		return false
	}
}

// wait waits for the write that was begun, if any, and returns its error. It gives up a
// write of which nothing is taken for the stall time, and, once the command is
// interrupted, one to a FIFO that nobody reads or to a server that does not answer, so
// that the others can be closed whole. The writer is then stuck.
func (w *writer) wait() (err error) {
	if w.idle() {
		return nil
	}
	reason, taken, stalled := errStuck, w.progress.taken.Load(), w.limits.stalled
	if w.remote {
		reason, stalled = errUnanswered, never
	}
waiting:
	for {
		select {
		case err = <-w.written:
			return w.ended(err)
		case <-stalled():
			before := taken
			if taken = w.progress.taken.Load(); taken == before {
				reason = fmt.Errorf("took no data for %v", w.limits.stall)
				break waiting
			}
		case <-w.deadline:
			break waiting
		}
	}
	select {
	case err = <-w.written: // it ended just now, or while others were waited for
		return w.ended(err)
	default:
		w.stuck = true
		w.givenUp++
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
	w.mu.Lock()
	current := w.sink
	w.mu.Unlock()
	if sink, ok := current.(interface{ Reopen() error }); ok {
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
