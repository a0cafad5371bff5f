package jetstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// ReaderOptions are options for [OpenReader]. The zero value has the defaults.
type ReaderOptions struct {
	// Cursor names a durable consumer of the stream. Reading goes on after the
	// last line that was acknowledged, see [Reader.Ack], in whatever run. A cursor
	// is for one process at a time. Where it is empty reading begins with the
	// first line.
	Cursor string

	// Types and Sessions, where there are some, are the event types and session
	// ids of which lines are read; the server leaves others out, and lines that
	// are no events.
	Types, Sessions []string

	// Follow waits for more lines. Otherwise the last one is that which is in the
	// stream when it is opened.
	Follow bool

	// Stall is for how long the server may be away before reading has failed.
	// Zero waits until the context ends; but OpenReader fails at once if no server
	// is there.
	Stall time.Duration

	// Logger, if set, is told what a person should know and is no error.
	Logger *slog.Logger
}

// settleTimeout is how long Close waits for the server at most.
const settleTimeout = 10 * time.Second

// A Reader reads the lines of a stream, as an [io.Reader] with a line feed after
// each: one message is one line. It is for one goroutine, but for Ack.
//
// It gives the lines in the order of the stream, each once, also when
// connections are lost and nodes die meanwhile. With a cursor, a durable consumer
// that acknowledges all up to a message, a later Reader goes on after the last
// line that [Reader.Ack] was called for. Call it when all that is made of a line
// is safe. A process killed between the two gets the line again: so towards what
// is behind a Reader, lines come at least once. Going on after such an end needs a
// server from 2.14 on, where what was sent and not acknowledged can be had again
// at once and in order. A Reader with Types or Sessions does not see lines that
// are no events.
type Reader struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	selected selected
	follow   bool
	retry    retry

	sub    *subscription // nil: not connected
	opened bool          // end and made are known
	made   time.Time     // when the stream was
	end    uint64        // sequence of the last message to read
	seen   uint64        // of the last one that was read
	over   bool          // there is no more
	line   []byte        // what was not read yet of a line
	offset int64         // after line

	mu    sync.Mutex
	taken []taken // lines that were not acknowledged
	acked uint64  // sequence up to which all were
}

// A taken is a line that is, or is to be, returned by Read.
type taken struct {
	end      int64 // the offset after it
	sequence uint64
	acknowledgement
}

// An acknowledgement is what tells the server that a message was taken. It does not
// keep the message.
type acknowledgement struct {
	conn    *nats.Conn
	subject string
}

// send sends it. What is lost with the connection comes again, see
// [Reader.again].
func (a acknowledgement) send() { a.conn.Publish(a.subject, []byte("+ACK")) }

// OpenReader returns a Reader of the stream of an address. The options may be
// nil. When ctx ends whatever waits returns its cause.
func OpenReader(ctx context.Context, a Address, opts *ReaderOptions) (*Reader, error) {
	var o ReaderOptions
	if opts != nil {
		o = *opts
	}
	if o.Cursor != "" && !legalName(o.Cursor) {
		return nil, fmt.Errorf("no name of a cursor %q: want one without blanks, dots, slashes, * and >", o.Cursor)
	}
	r := &Reader{
		selected: selected{a, message.Filters(a.Subject, o.Sessions, o.Types), o.Cursor},
		follow:   o.Follow,
		retry:    retry{stall: o.Stall, logger: o.Logger},
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	if err := r.connect(nil, o.Stall > 0); err != nil {
		r.cancel(nil)
		return nil, err
	}
	return r, nil
}

// connect subscribes, after a first failure perhaps, and tries again if it is to.
func (r *Reader) connect(err error, again bool) error {
	tries := r.retry.begin(r.ctx)
	defer tries.end()
	for {
		if err != nil {
			if r.ctx.Err() == nil && (!again && away(err) || !mendable(err)) {
				return plain(err)
			}
			if err := tries.wait(err); err != nil {
				return err
			}
		}
		if r.sub, err = subscribe(tries.ctx, r.selected, r.seen); err == nil {
			break
		}
	}
	if !r.opened {
		r.opened, r.end, r.made = true, r.sub.last, r.sub.made
	}
	if !r.sub.made.Equal(r.made) {
		r.sub.end()
		r.sub = nil
		return errors.New("the stream was deleted and recreated while it was read: read it again")
	}
	r.over = !r.follow && r.sub.empty
	return nil
}

// Read reads lines, as many as are there, and waits where there is none. At the
// end it returns [io.EOF].
func (r *Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.line) == 0 {
			if more, err := r.next(n == 0); err != nil || !more {
				return n, err
			}
		}
		copied := copy(p[n:], r.line)
		r.line = r.line[copied:]
		n += copied
	}
	return n, nil
}

// Wait waits until Read returns without waiting. The error is that which Read
// returns then.
func (r *Reader) Wait() error {
	if len(r.line) > 0 {
		return nil
	}
	_, err := r.next(true)
	return err
}

// next makes the next message the line to read. Without wait it returns false if
// none is there; an error comes when it is waited for.
func (r *Reader) next(wait bool) (more bool, err error) {
	for {
		switch {
		case r.over && wait:
			return false, io.EOF
		case r.ctx.Err() != nil && wait:
			return false, context.Cause(r.ctx)
		case r.over || r.ctx.Err() != nil:
			return false, nil
		}
		select {
		case msg := <-r.sub.messages:
			if more, err := r.take(msg); more || err != nil {
				return more, err
			}
			continue
		default:
		}
		if !wait {
			return false, nil
		}
		select {
		case msg := <-r.sub.messages:
			if more, err := r.take(msg); more || err != nil {
				return more, err
			}
		case err := <-r.sub.failed:
			r.sub.end()
			r.sub = nil
			if err := r.connect(err, true); err != nil {
				r.cancel(err) // it stays so
				return false, err
			}
		case <-r.ctx.Done():
		}
	}
}

// take makes a message the line to read, unless it is after the end, or was read
// before.
func (r *Reader) take(msg api.Msg) (more bool, err error) {
	meta, err := msg.Metadata()
	if err != nil {
		return false, err
	}
	sequence := meta.Sequence.Stream
	if !r.follow {
		if sequence > r.end {
			r.over = true
			return false, nil
		}
		r.over = sequence == r.end || meta.NumPending == 0 && !r.sub.more(r.ctx, sequence)
	}
	if sequence <= r.seen {
		r.again(sequence, r.acknowledgement(msg))
		return false, nil
	}
	r.seen = sequence
	r.line = append(append(r.line[:0], msg.Data()...), '\n')
	r.offset += int64(len(r.line))
	if r.selected.cursor != "" {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.taken = append(r.taken, taken{r.offset, sequence, r.acknowledgement(msg)})
	}
	return true, nil
}

func (r *Reader) acknowledgement(msg api.Msg) acknowledgement {
	return acknowledgement{r.sub.link.conn, msg.Reply()}
}

// again puts a message, that the server sent again, in the place of what it sent
// before, which can no longer be acknowledged.
func (r *Reader) again(sequence uint64, ack acknowledgement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sequence <= r.acked {
		ack.send() // one that is lost once more comes once more
		return
	}
	i, ok := slices.BinarySearchFunc(r.taken, sequence, func(t taken, s uint64) int { return cmp.Compare(t.sequence, s) })
	if ok {
		r.taken[i].acknowledgement = ack
	}
}

// Ack acknowledges every line that ends within the first so many bytes that were
// read: they do not come again. Call it once whatever is made of them is safe.
// Without a cursor it does nothing.
func (r *Reader) Ack(offset int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(r.taken) && r.taken[n].end <= offset {
		n++
	}
	if n == 0 {
		return
	}
	last := r.taken[n-1]
	r.taken = slices.Delete(r.taken, 0, n)
	r.acked = last.sequence
	last.send()
}

// Close ends the reading. With a cursor it waits until the server knows what was
// acknowledged; an error says that lines that were may come again.
func (r *Reader) Close() error {
	r.mu.Lock()
	acked := r.acked
	r.mu.Unlock()
	if r.sub == nil {
		if acked > 0 {
			return fmt.Errorf("cursor %s: lines that were read may come again: the server is away", r.selected.cursor)
		}
		return nil
	}
	var err error
	if acked > 0 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), settleTimeout)
		defer cancel()
		if err = r.settle(ctx, acked); err != nil {
			err = fmt.Errorf("cursor %s: lines that were read may come again: %w", r.selected.cursor, plain(err))
		}
	}
	r.cancel(io.ErrClosedPipe)
	if r.sub != nil {
		r.sub.end()
		r.sub = nil
	}
	return err
}

// settle waits until the server knows that all up to a sequence was acknowledged.
// If the connection was lost it makes a new one and acknowledges again.
func (r *Reader) settle(ctx context.Context, acked uint64) error {
	tries := r.retry.begin(ctx)
	defer tries.end()
	for {
		err := r.sub.confirm(ctx, acked)
		if err == nil {
			return nil
		}
		r.sub.end()
		for r.sub = nil; r.sub == nil; {
			if !mendable(err) {
				return err
			}
			if err := tries.wait(err); err != nil {
				return err
			}
			r.sub, err = subscribe(ctx, r.selected, r.seen)
		}
		if err := r.sub.ackAgain(ctx, acked); err != nil {
			return err
		}
	}
}
