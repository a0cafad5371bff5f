package jetstream

import (
	"context"

	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/collector/jetstream/internal/spool"
)

// A spooledSender is a sender as a spool.Sender.
type spooledSender struct {
	*sender
	hurryUp context.CancelFunc
}

var _ spool.Sender = spooledSender{}

func newSpooledSender(a Address, r retry) (s spooledSender) {
	r.hurry, s.hurryUp = context.WithCancel(context.Background())
	s.sender = newSender(a, r)
	return s
}

func (s spooledSender) Resume(sequence uint64)          { s.resume(sequence) }
func (s spooledSender) Start(ctx context.Context) error { return s.start(ctx, true) }
func (s spooledSender) Last() uint64                    { return s.last }
func (s spooledSender) Hurry()                          { s.hurryUp() }
func (s spooledSender) Close()                          { s.disconnect() }

func (s spooledSender) Deliver(ctx context.Context, messages []message.Message) error {
	return s.deliver(ctx, messages)
}
