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

// A Writer is a [collector.LinesCollector] that writes to a stream. Its first error is
// final: all later calls return it. Lines before that may or may not be in the stream;
// those in a spool stay there.
//
// # Exactly once and in order
//
// Lines are sent in atomic batches of up to 1000 lines or 4 MiB: the server stores all of
// a batch or nothing. A batch is sent when the previous one was acknowledged; meanwhile the
// next one is buffered. So even if connections drop or the leader of a cluster changes,
// there is never a gap with later lines after it, where lines that are resent would be out
// of order. Plain asynchronous publishing cannot guarantee that. It is faster where files
// are not synced after each write, since the server writes a batch twice: to a file of its
// own first, and then to the stream.
//
// Each message has an id (Nats-Msg-Id): a hash of its origin and all lines of that up to
// this one, and the number of the line. The header Auditctl-Origin is the same for all
// lines of an origin: a hash of the origin and its first line. The server drops a message
// whose id it has seen in the last two minutes (the duplicate window of the stream). Older
// lines are looked for in the stream: after a lost connection a Writer reads the ids after
// the last message that it knows, and sends the lines that are missing. As long as nobody
// else writes to the stream, a batch also has the sequence that it must follow
// (Nats-Expected-Last-Sequence), so that the server refuses it if it arrives late, however
// late. If somebody else has written, the server refuses the batch, and it is sent again
// with ids alone.
//
// An [Options.Origin] extends this to other runs. A Writer with an origin, such as a file,
// looks for its first line in the stream, once, under its subject. If it is there, the
// lines after it are compared with the stream, and only the missing ones are sent.
// Standard input cannot be read again: without an origin, every run counts as a source of
// its own. The lines of a file that was rewritten under its old name have other ids.
//
// A stream may have lost lines because of limits or a purge. Lines of an origin before one
// that is still in the stream must have been written, so they are not sent again. If no
// line of the origin is left, it is unknown whether there were any: all are sent, and a
// warning is logged.
//
// # Failures
//
// A lost connection is retried after 20 ms at first and every 2 s in the end, for as long
// as [Options.Stall] allows; then the Writer fails. Without Stall, Open returns an error
// at once if there is no server. Errors that retrying cannot fix, such as a wrong password
// or a full stream, end the Writer at once. Flush returns when all lines before it are
// acknowledged.
//
// # Spools
//
// With [Options.Spool], lines are first written to a log on disk, and from there to the
// stream; while the server is away, the log grows. Flush then returns when the lines are
// synced to disk, and the next run with that directory delivers what is left, in order,
// before its own lines. The only limit is the disk; delivered lines are deleted in units
// of 16 MiB. If the disk is full, the Writer fails. A failure that somebody must fix, such
// as a missing permission or a full stream, is logged and retried every 30 s; if lines are
// left, Close returns it. That a server is away is only logged. Close waits one second, or
// Stall, for a server that accepts nothing. The directory must belong to the user and not
// be writable for everybody. Only one process at a time can use a spool. A line that is
// too long for the stream is moved to too-long.jsonl in that directory; the others are
// delivered, and Close returns an error with the number of such lines.
type Writer struct {
	ctx    context.Context
	cancel context.CancelFunc

	sem     *semaphore.Weighted // a lock for the fields below that can be awaited with a context
	lines   *message.Labeller
	maxLine int
	piece   []byte // an incomplete line
	pending []message.Message
	bytes   int // of pending
	sender  *sender
	sending chan error   // the result of the batch in flight; nil if there is none
	spool   *spool.Spool // or nil
	err     error
	closed  bool
}

var (
	_ collector.LinesCollector = (*Writer)(nil)
	_ collector.ContextFlusher = (*Writer)(nil)
)

// maxPiecedLine is how long a line that comes in pieces may become as long as the limit of
// the server is unknown: the maximum of any server.
const maxPiecedLine = 64 << 20

// Open returns a Writer to the stream of an address. Unless there is a spool, it connects,
// and creates the stream if it does not exist. The options may be nil. When ctx is done,
// everything that waits returns its cause, and nothing more is sent.
func Open(ctx context.Context, a Address, opts *Options) (*Writer, error) {
	var o Options
	if opts != nil {
		o = *opts
	}
	ctx, cancel := context.WithCancel(ctx)
	w := &Writer{ctx: ctx, cancel: cancel, sem: semaphore.NewWeighted(1), lines: message.NewLabeller(a.Subject), maxLine: maxPiecedLine}
	w.lines.From(o.Origin)
	var err error
	r := retry{stall: o.Stall, logger: o.Logger}
	if o.Spool != "" {
		w.spool, err = spool.Open(ctx, spool.Options{
			Dir: o.Spool, Stream: a.Stream, Subject: a.Subject,
			Sender: newSpooledSender(a, r), Warn: r.warn,
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

// From sets the origin of the lines that follow, see [Options.Origin]: a new one, or one
// that was set before, which continues. An empty name means this run. Lines that were sent
// before are recognized only if origins come in the same order each time.
func (w *Writer) From(name string) {
	w.lock(context.Background())
	defer w.sem.Release(1)
	w.lines.From(name)
}

// Emit buffers e, and sends a batch if one is full.
func (w *Writer) Emit(e events.Event) error {
	w.lock(context.Background())
	defer w.sem.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	w.err = w.add(bytes.Clone(e.Line()))
	return w.err
}

// EmitLines buffers lines, and sends batches as they get full. The pieces of a line are
// joined, up to the limit of a message.
func (w *Writer) EmitLines(lines []byte) error {
	w.lock(context.Background())
	defer w.sem.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	w.err = w.emitLines(lines)
	return w.err
}

func (w *Writer) emitLines(lines []byte) error {
	complete := bytes.LastIndexByte(lines, '\n') + 1
	own := append(w.piece, lines[:complete]...) // the messages keep it
	if complete > 0 {
		w.piece = nil
		for len(own) > 0 {
			end := bytes.IndexByte(own, '\n')
			if err := w.add(own[:end:end]); err != nil {
				return err
			}
			own = own[end+1:]
		}
	}
	if complete == len(lines) {
		return nil
	}
	w.piece = append(w.piece, lines[complete:]...)
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

// handOver sends the pending messages once the previous batch has been acknowledged.
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

// errCanceled means that a context was done before the batch in flight was acknowledged.
var errCanceled = errors.New("canceled")

// wait waits until the batch in flight is in the stream.
func (w *Writer) wait(ctx context.Context) error {
	if w.sending == nil {
		return nil
	}
	select {
	case err := <-w.sending:
		w.sending = nil
		return err
	case <-ctx.Done():
		return errCanceled
	}
}

// Flush returns once all lines before it are in the stream and acknowledged, or with a
// spool, synced to disk. An incomplete last line is not included.
func (w *Writer) Flush() error { return w.FlushContext(context.Background()) }

// FlushContext is Flush, but returns the cause of ctx when that is done. The batch in
// flight is not canceled, and the next Flush waits for it.
func (w *Writer) FlushContext(ctx context.Context) error {
	if err := w.lock(ctx); err != nil {
		return err
	}
	defer w.sem.Release(1)
	if err := w.ready(); err != nil {
		return err
	}
	err := w.flush(ctx)
	if errors.Is(err, errCanceled) {
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

// Close flushes and closes the connection. With a spool it also delivers what is in that
// as long as a server answers, and leaves the rest for the next run. An incomplete last
// line is dropped. Close returns the first error of all calls; a second Close returns nil.
func (w *Writer) Close() error {
	w.lock(context.Background())
	defer w.sem.Release(1)
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

// lock locks w. It returns the cause of ctx if that is done first.
func (w *Writer) lock(ctx context.Context) error {
	if ctx.Err() != nil || w.sem.Acquire(ctx, 1) != nil {
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
