package spool

import (
	"context"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// A Sender brings messages into a stream, in their order, each once. But for Hurry, it
// is used by one goroutine at a time.
type Sender interface {
	// Resume says that what an earlier run sent may be in the stream after a
	// sequence.
	Resume(sequence uint64)

	// Start connects for the first time, in a spool that no line was delivered from
	// yet, and tries until that is done.
	Start(ctx context.Context) error

	// Deliver returns once all messages are in the stream and acknowledged. It tries
	// until that is so, or trying again does not mend it. The error is a
	// [message.TooLongError] if the stream does not take the first one that is too
	// long for it; those before it are delivered then.
	Deliver(ctx context.Context, messages []message.Message) error

	// Last returns up to which sequence all is known of what is in the stream.
	Last() uint64

	// Hurry says that from now on only what can be delivered at once is to be. Where
	// it cannot because the server takes nothing, the error is a [LaterError].
	Hurry()

	// Close gives the connection up.
	Close()
}

// A LaterError is why lines are left for the next run, though nobody has to see to
// anything: the server takes nothing now, and there is a hurry.
type LaterError struct{ Err error }

func (e LaterError) Error() string { return e.Err.Error() }
func (e LaterError) Unwrap() error { return e.Err }
