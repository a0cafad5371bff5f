package spool

import (
	"context"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// A Sender gets messages into a stream in order, each exactly once. All methods except
// Hurry are called by one goroutine at a time.
type Sender interface {
	// Resume says that lines of an earlier run may be in the stream after a sequence.
	Resume(sequence uint64)

	// Start connects for the first time, if no line of the spool was delivered yet. It
	// retries until it succeeds.
	Start(ctx context.Context) error

	// Deliver returns once all messages are in the stream and acknowledged. It retries
	// unless that cannot help. If a message is too long for the stream, it delivers
	// those before it and returns a [message.TooLongError].
	Deliver(ctx context.Context, messages []message.Message) error

	// Last returns the sequence up to which the stream is known.
	Last() uint64

	// Hurry says to deliver from now on only what can be delivered at once. If the
	// server accepts nothing, the error is a [LaterError].
	Hurry()

	// Close closes the connection.
	Close()
}

// A LaterError is why lines are left for the next run although nobody has to fix anything:
// the server accepts nothing now, and there is a hurry.
type LaterError struct{ Err error }

func (e LaterError) Error() string { return e.Err.Error() }
func (e LaterError) Unwrap() error { return e.Err }
