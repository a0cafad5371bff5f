package jetstream

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// Options are options for [Open]. The zero value has the defaults.
type Options struct {
	// Origin names where the lines come from, the same in every run, for example
	// the absolute path of a file and the name of its host. They must come from
	// its start, in the same order. Lines that an earlier run brought into the
	// stream are then passed over. Where it is empty, as for what cannot be read
	// again, the origin is this run only.
	Origin string

	// Stall is for how long no line may be taken before the collector has failed.
	// Zero waits until the context ends; but Open fails at once if no server is
	// there.
	Stall time.Duration

	// Spool is a directory in which lines are kept until they are in the stream.
	// It is made where it is missing, and for one process at a time. With it, Open
	// needs no server, and Stall is for how long Close waits while the server takes
	// nothing: a second by default.
	Spool string

	// Logger, if set, is told what a person should know and is no error. Its handler
	// may be called by another goroutine, and must not call the collector.
	Logger *slog.Logger
}

// A Writer is a [collector.LinesCollector] that writes to a stream. Its first
// error is final: what comes after it is refused with the same error. Lines
// before it may or may not be in the stream; those in a spool stay there.
type Writer struct {
	ctx    context.Context
	cancel context.CancelFunc

	turn    *semaphore.Weighted // guards what follows; a lock that a context ends the wait for
	lines   *labeller
	maxLine int
	piece   []byte // the start of a line whose end has not come
	pending []message
	bytes   int // of pending
	sender  *sender
	sending chan error // of what is on its way; nil: nothing is
	spool   *spool     // nil: there is none
	err     error
	closed  bool
}

var (
	_ collector.LinesCollector = (*Writer)(nil)
	_ collector.ContextFlusher = (*Writer)(nil)
)

// maxPiecedLine is how long a line that comes in pieces may become as long as no
// server said what it takes: as much as any takes.
const maxPiecedLine = 64 << 20

// Open returns a Writer to the stream of an address. It connects, and makes the
// stream where it is missing, unless there is a spool. The options may be nil.
// When ctx ends whatever waits returns its cause, and nothing more is sent.
func Open(ctx context.Context, a Address, opts *Options) (*Writer, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &Writer{ctx: ctx, cancel: cancel, turn: semaphore.NewWeighted(1), lines: newLabeller(a.Subject), maxLine: maxPiecedLine}
	w.from(o.Origin)
	var err error
	r := retry{stall: o.Stall, logger: o.Logger}
	if o.Spool != "" {
		w.spool, err = openSpool(ctx, a, o.Spool, r)
	} else {
		w.sender = newSender(a, r)
		if err = w.sender.start(ctx, o.Stall > 0); err == nil {
			w.maxLine = w.sender.link.maxLine()
		}
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return w, nil
}

// From says that the lines that follow come from another origin, or go on with
// one that there was before; see [Options]. An empty name stands for this run. What
// was sent before is told apart only if origins come in the same order each time.
func (w *Writer) From(name string) {
	w.lock(context.Background())
	defer w.turn.Release(1)
	w.from(name)
}

func (w *Writer) from(name string) {
	if name != "" {
		w.lines.from("named "+name, true)
		return
	}
	w.lines.from(w.lines.run, false)
}

// Emit sends e, or gathers it to be sent.
func (w *Writer) Emit(e events.Event) error {
	w.lock(context.Background())
	defer w.turn.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	w.err = w.add(bytes.Clone(e.Line()))
	return w.err
}

// EmitLines sends lines, or gathers them to be sent. A line that comes in pieces
// is put together, up to what a message may have.
func (w *Writer) EmitLines(lines []byte) error {
	w.lock(context.Background())
	defer w.turn.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	w.err = w.emitLines(lines)
	return w.err
}

func (w *Writer) emitLines(lines []byte) error {
	whole := bytes.LastIndexByte(lines, '\n') + 1
	own := append(w.piece, lines[:whole]...) // the messages keep it
	if whole > 0 {
		w.piece = nil
		for len(own) > 0 {
			end := bytes.IndexByte(own, '\n')
			if err := w.add(own[:end:end]); err != nil {
				return err
			}
			own = own[end+1:]
		}
	}
	if whole == len(lines) {
		return nil
	}
	w.piece = append(w.piece, lines[whole:]...)
	return w.check(len(w.piece))
}

func (w *Writer) check(length int) error {
	if length > w.maxLine {
		return tooLong(length, w.maxLine)
	}
	return nil
}

// add adds a line, whose bytes it keeps.
func (w *Writer) add(line []byte) error {
	if err := w.check(len(line)); err != nil {
		return err
	}
	m := w.lines.label(line)
	w.pending = append(w.pending, m)
	w.bytes += m.size()
	if len(w.pending) < batchLines && w.bytes < batchBytes {
		return nil
	}
	return w.handOver(context.Background())
}

// handOver puts what is pending on its way, once what was before has arrived.
func (w *Writer) handOver(ctx context.Context) error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	messages := w.pending
	w.pending, w.bytes = nil, 0
	if w.spool != nil {
		return w.spool.append(messages)
	}
	if len(messages) == 0 {
		return nil
	}
	sending := make(chan error, 1)
	w.sending = sending
	go func() { sending <- w.sender.deliver(w.ctx, messages) }()
	return nil
}

// errCutShort says that a context ended before what is on its way was acknowledged.
var errCutShort = errors.New("cut short")

// wait waits until what is on its way is in the stream.
func (w *Writer) wait(ctx context.Context) error {
	if w.sending == nil {
		return nil
	}
	select {
	case err := <-w.sending:
		w.sending = nil
		return err
	case <-ctx.Done():
		return errCutShort
	}
}

// Flush returns once every line before is in the stream and was acknowledged, or,
// with a spool, is on the disk.
func (w *Writer) Flush() error { return w.FlushContext(context.Background()) }

// FlushContext is Flush, but when ctx is done it returns the cause of that. What is on
// its way then goes on, and the next Flush waits for it.
func (w *Writer) FlushContext(ctx context.Context) error {
	if err := w.lock(ctx); err != nil {
		return err
	}
	defer w.turn.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	err := w.flush(ctx)
	if errors.Is(err, errCutShort) {
		return context.Cause(ctx)
	}
	w.err = err
	return w.err
}

func (w *Writer) flush(ctx context.Context) error {
	err := w.handOver(ctx)
	if w.spool != nil {
		return cmp.Or(err, w.spool.flush())
	}
	return cmp.Or(err, w.wait(ctx))
}

// Close flushes, and closes the connection. With a spool it also brings what is
// there into the stream as long as a server answers, and leaves the rest for the
// next run. A line of which only pieces came is left out. Close reports the first
// error there ever was; a second one does nothing.
func (w *Writer) Close() error {
	w.lock(context.Background())
	defer w.turn.Release(1)
	if w.closed {
		return nil
	}
	w.closed = true
	defer w.cancel()
	if w.err == nil {
		w.err = w.flush(context.Background())
	}
	if w.spool != nil {
		w.err = cmp.Or(w.err, w.spool.close())
		return w.err
	}
	w.wait(context.Background())
	w.sender.disconnect()
	return w.err
}

// lock waits until nobody else uses w, no longer than ctx.
func (w *Writer) lock(ctx context.Context) error {
	if ctx.Err() != nil || w.turn.Acquire(ctx, 1) != nil {
		return context.Cause(ctx)
	}
	return nil
}

func (w *Writer) ready() error {
	if w.closed {
		return collector.ErrClosed
	}
	return w.err
}

// tooLong says that a line is longer than a message may be.
func tooLong(length, most int) error { return fatal(tooLongError{length, most}) }

type tooLongError struct{ length, most int }

func (e tooLongError) Error() string {
	return fmt.Sprintf("a line of %d bytes, the stream takes %d: raise max_payload of the server, up to 64MB, and max_msg_size of the stream", e.length, e.most)
}
