package jetstream

import (
	"bytes"
	"cmp"
	"context"
	"errors"

	"golang.org/x/sync/semaphore"

	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/collector/jetstream/internal/spool"
	"auditctl/pkg/events"
)

// A Writer is a [collector.LinesCollector] that writes to a stream. Its first
// error is final: what comes after it is refused with the same error. Lines
// before it may or may not be in the stream; those in a spool stay there.
//
// # Once and in order
//
// Lines are published without waiting for each, up to 1000 or 4 MiB as one atomic
// batch: the server stores all of it or nothing. The next batch is sent when the
// one before was acknowledged, and meanwhile up to as many lines again are
// gathered. So whatever happens to a connection or to the leader of a cluster,
// there is never a gap with later lines after it, which a line sent again would
// land after. Plain asynchronous publishing cannot promise that.
//
// Each message has an id (Nats-Msg-Id), a hash of its origin and of all lines
// from there up to this one, and the line's number. A header Auditctl-Origin is
// the same for all lines of one origin: it is a hash of the origin and its
// first line. The server drops one that it has seen in the last two minutes
// (the stream's duplicate window). What is older is looked for in the stream:
// after a connection was lost a Writer reads the ids after the last message
// that it knows to be there, and sends what is missing. As long as nobody else
// writes to the stream, a batch also says which sequence it is to follow
// (Nats-Expected-Last-Sequence), so that one that comes late is refused however
// late it is. When somebody else does, that is noticed by the refusal, and ids
// alone have to do.
//
// An [Options.Origin] carries this over to other runs. A Writer with an origin,
// such as a file, looks for its first line in the stream when it comes, once,
// under its subject; if it is there, the lines that follow are compared with
// what is after it, and only those that are missing are sent. Standard input
// cannot be read again from its start: without an origin every run is one of
// its own. If a file was written again under its old name its lines have other
// ids.
//
// A stream may have lost lines, by a limit or a purge. Those of an origin that
// come before one that is still there are known to have been written, and are
// not sent again. If no line of the origin is left, nobody can know whether
// there ever was one: all are sent, and that is told.
//
// # Failures
//
// A lost connection is made again, at first after 20 ms and then less often, up to
// every 2 s, for as long as [Options.Stall] allows: then the Writer has failed.
// When it is opened, a server that is not there is an error at once without Stall.
// What trying again does not mend, as a password that is wrong or a stream that
// is full, ends it at once. Flush returns when every line before was acknowledged.
//
// # Spools
//
// With [Options.Spool] lines go to a log on the disk first, and from there into
// the stream: while the server is away, the log grows. Flush then returns when
// they are synced to the disk, and the next run with that directory delivers
// what was left, in order, before its own lines. There is no limit but the
// disk; what was delivered is deleted, 16 MiB at a time. If the disk is full
// the Writer has failed. What somebody has to see to, such as a permission that
// is missing or a stream that is full, is told, and tried again every 30 s; it
// is the error of Close if lines are left. A server that is away is only told.
// Close waits for a second, or Stall, for a server that takes nothing. The
// directory must belong to the user, and not be one that everybody may write to.
// One process at a time has a spool. A line that the stream does not take, as it
// is too long, is set aside in too-long.jsonl in that directory; the others go
// on, and Close reports how many there were.
type Writer struct {
	ctx    context.Context
	cancel context.CancelFunc

	turn    *semaphore.Weighted // guards what follows; a lock that a context ends the wait for
	lines   *message.Labeller
	maxLine int
	piece   []byte // the start of a line whose end has not come
	pending []message.Message
	bytes   int // of pending
	sender  *sender
	sending chan error   // of what is on its way; nil: nothing is
	spool   *spool.Spool // nil: there is none
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
	w := &Writer{ctx: ctx, cancel: cancel, turn: semaphore.NewWeighted(1), lines: message.NewLabeller(a.Subject), maxLine: maxPiecedLine}
	w.lines.From(o.Origin)
	var err error
	r := retry{stall: o.Stall, logger: o.Logger}
	if o.Spool != "" {
		w.spool, err = spool.Open(ctx, spool.Options{
			Dir: o.Spool, Stream: a.Stream, Subject: a.Subject,
			Sender: newSpooledSender(a, r), Tell: r.tell,
		})
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
// was sent before is recognized only if origins come in the same order each time.
func (w *Writer) From(name string) {
	w.lock(context.Background())
	defer w.turn.Release(1)
	w.lines.From(name)
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
	m := w.lines.Label(line)
	w.pending = append(w.pending, m)
	w.bytes += m.Size()
	if len(w.pending) < message.BatchLines && w.bytes < message.BatchBytes {
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
		return w.spool.Append(messages)
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
		return cmp.Or(err, w.spool.Flush())
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
		w.err = cmp.Or(w.err, w.spool.Close())
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
