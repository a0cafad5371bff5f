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
	// Cursor is the name of a durable consumer of the stream. Reading continues after
	// the last line that any run has acknowledged, see [Reader.Ack]. A cursor must be
	// used by one process at a time. If it is empty, reading begins with the first
	// line.
	Cursor string

	// Types and Sessions, if not empty, are the event types and session ids to read.
	// The server leaves out all others, and lines that are not events.
	Types, Sessions []string

	// Follow waits for more lines. Otherwise the last line is the one that is last in
	// the stream when it is opened.
	Follow bool

	// Stall is how long the server may be away before reading fails. Zero waits until
	// the context is done, except that OpenReader fails at once if there is no server.
	Stall time.Duration

	// Logger, if not nil, gets warnings for the user that are not errors.
	Logger *slog.Logger
}

// settleTimeout is how long Close waits for the server at most.
const settleTimeout = 10 * time.Second

// A Reader reads the lines of a stream as an [io.Reader], one message per line, each with
// a line feed. It is not safe for concurrent use, except for Ack.
//
// It returns lines in the order of the stream, each once, even if connections drop or
// nodes fail. With a cursor, which is a durable consumer that acknowledges all messages up
// to one, a later Reader continues after the last line that [Reader.Ack] was called for.
// Call Ack when the results of a line are safe. A process that is killed before that gets
// the line again, so that lines are delivered at least once. Continuing after a kill
// needs a server from 2.14 on, which can resend unacknowledged messages at once and in
// order. A Reader with Types or Sessions does not get lines that are not events.
type Reader struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	selected selection
	follow   bool
	retry    retry

	sub     *subscription // nil if not connected
	opened  bool          // end and created are known
	created time.Time     // the stream
	end     uint64        // the sequence of the last message to read
	seen    uint64        // the sequence of the last message read
	over    bool          // there are no more lines
	line    []byte        // the rest of the current line
	offset  int64         // the end of the current line

	mu      sync.Mutex
	unacked []unacked // lines that were not acknowledged
	acked   uint64    // the sequence up to which all were
}

// An unacked is a line that Read returns and that is not acknowledged yet.
type unacked struct {
	end      int64 // the offset of its end
	sequence uint64
	acknowledgement
}

// An acknowledgement can acknowledge a message without keeping it.
type acknowledgement struct {
	conn    *nats.Conn
	subject string
}

// send sends the acknowledgement. If it is lost with the connection, the message comes
// again, see [Reader.resent].
func (a acknowledgement) send() { a.conn.Publish(a.subject, []byte("+ACK")) }

// OpenReader returns a Reader of the stream of an address. The options may be nil. When ctx
// is done, everything that waits returns its cause.
func OpenReader(ctx context.Context, a Address, opts *ReaderOptions) (*Reader, error) {
	var o ReaderOptions
	if opts != nil {
		o = *opts
	}
	if o.Cursor != "" && !legalName(o.Cursor) {
		return nil, fmt.Errorf("invalid cursor name %q: want one without blanks, dots, slashes, * and >", o.Cursor)
	}
	r := &Reader{
		selected: selection{a, message.Filters(a.Subject, o.Sessions, o.Types), o.Cursor},
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

// connect subscribes. err is the error of an earlier connection, if any; with again set it
// retries even if there is no server.
func (r *Reader) connect(err error, again bool) error {
	tries := r.retry.begin(r.ctx)
	defer tries.end()
	for {
		if err != nil {
			if r.ctx.Err() == nil && (!again && away(err) || !retryable(err)) {
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
		r.opened, r.end, r.created = true, r.sub.last, r.sub.created
	}
	if !r.sub.created.Equal(r.created) {
		r.sub.end()
		r.sub = nil
		return errors.New("the stream was deleted and recreated while it was read: read it again")
	}
	r.over = !r.follow && r.sub.empty
	return nil
}

// Read reads the lines that are available, waiting until there is one. At the end it
// returns [io.EOF].
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

// Wait waits until Read can return without waiting. It returns the error that Read then
// returns.
func (r *Reader) Wait() error {
	if len(r.line) > 0 {
		return nil
	}
	_, err := r.next(true)
	return err
}

// next makes the next message the current line. Without wait it returns false if none is
// available, even if there is an error, which it returns only with wait.
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
				r.cancel(err) // the error is final
				return false, err
			}
		case <-r.ctx.Done():
		}
	}
}

// take makes a message the current line, unless it is after the end or was read before.
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
		r.resent(sequence, r.acknowledgement(msg))
		return false, nil
	}
	r.seen = sequence
	r.line = append(append(r.line[:0], msg.Data()...), '\n')
	r.offset += int64(len(r.line))
	if r.selected.cursor != "" {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.unacked = append(r.unacked, unacked{r.offset, sequence, r.acknowledgement(msg)})
	}
	return true, nil
}

func (r *Reader) acknowledgement(msg api.Msg) acknowledgement {
	return acknowledgement{r.sub.link.conn, msg.Reply()}
}

// resent replaces the acknowledgement of a message that the server has sent again: the old
// one is no longer valid.
func (r *Reader) resent(sequence uint64, ack acknowledgement) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sequence <= r.acked {
		ack.send() // if this is lost, too, the message comes again
		return
	}
	i, ok := slices.BinarySearchFunc(r.unacked, sequence, func(u unacked, s uint64) int { return cmp.Compare(u.sequence, s) })
	if ok {
		r.unacked[i].acknowledgement = ack
	}
}

// Ack acknowledges all lines that end within the first offset bytes read, so that they are
// not delivered again. Call it when the results of these lines are safe. Without a cursor
// it does nothing. It may be called concurrently with Read.
func (r *Reader) Ack(offset int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(r.unacked) && r.unacked[n].end <= offset {
		n++
	}
	if n == 0 {
		return
	}
	last := r.unacked[n-1]
	r.unacked = slices.Delete(r.unacked, 0, n)
	r.acked = last.sequence
	last.send()
}

// Close ends the reading. With a cursor it waits up to 10 seconds until the server has
// received the acknowledgements. An error means that acknowledged lines may come again.
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

// settle waits until the server has the acknowledgement of all messages up to a sequence.
// If the connection is lost, it reconnects and acknowledges again.
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
			if !retryable(err) {
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
