package jetstream

import (
	"context"
	"time"

	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// A scan looks for lines in the stream, in the order in which they are to be
// there. It reads the headers of messages only, from a sequence on to what is the
// last one when it begins.
type scan struct {
	link     *link
	consumer api.Consumer
	messages api.MessagesContext // nil: there is nothing, or no more
	last     uint64              // sequence of the last message there was
	forgot   bool                // messages were deleted from the stream
	ahead    *found              // what was read and not looked at; nil: nothing

	asked, ctx context.Context // ctx ends with asked, and with the link
	stop       context.CancelFunc
}

// A found is what the stream has of a line.
type found struct {
	id, origin string
	sequence   uint64
}

// A presence says what the stream has of a line.
type presence int

const (
	missing presence = iota
	present          // it is there
	deleted          // it was there: a later line of its origin is
	changed          // there is another line in its place
)

// scanIdle is after what time the server forgets a scan that was not closed.
const scanIdle = 30 * time.Second

// newScan begins a scan of the subjects that match filter, from sequence from on.
func (l *link) newScan(ctx context.Context, from uint64, filter string) (*scan, error) {
	asking, cancel := l.within(ctx, requestTimeout)
	defer cancel()
	info, err := l.stream.Info(asking)
	if err != nil {
		return nil, causeOf(asking, err)
	}
	s := &scan{link: l, last: info.State.LastSeq, forgot: info.State.Msgs != info.State.LastSeq, stop: func() {}}
	if info.State.Msgs == 0 || from > s.last {
		return s, nil
	}
	cfg := api.OrderedConsumerConfig{
		HeadersOnly:       true,
		DeliverPolicy:     api.DeliverByStartSequencePolicy,
		OptStartSeq:       max(from, 1),
		FilterSubjects:    []string{filter},
		InactiveThreshold: scanIdle,
	}
	if s.consumer, err = l.stream.OrderedConsumer(asking, cfg); err != nil {
		return nil, causeOf(asking, err)
	}
	consumerInfo, err := s.consumer.Info(asking)
	if err == nil && consumerInfo.NumPending > 0 {
		s.messages, err = s.consumer.Messages()
	}
	if s.messages == nil {
		s.close()
	}
	return s, causeOf(asking, err)
}

// find looks for a line from where the last one was found, and returns its sequence,
// or that before the next line that is there of its origin. After a line that is
// missing there are no more.
func (s *scan) find(ctx context.Context, m *message.Message) (sequence uint64, is presence, err error) {
	for {
		if s.ahead == nil {
			if s.ahead, err = s.read(ctx); s.ahead == nil {
				return 0, missing, err
			}
		}
		next := s.ahead
		ours := m.Origin != "" && next.origin == m.Origin
		switch {
		case next.id == m.ID:
			s.ahead = nil
			return next.sequence, present, nil
		case ours && message.NumberOf(next.id) > m.Number():
			return next.sequence - 1, deleted, nil
		case ours && message.NumberOf(next.id) == m.Number():
			return 0, changed, nil
		}
		s.ahead = nil
	}
}

// read reads the headers of the next message; nil at the end.
func (s *scan) read(ctx context.Context) (*found, error) {
	if s.messages == nil {
		return nil, nil
	}
	if ctx != s.asked { // most often it is that of the last message
		s.stop()
		s.asked = ctx
		s.ctx, s.stop = s.link.joined(ctx)
	}
	msg, err := s.messages.Next(api.NextContext(s.ctx))
	if err != nil {
		return nil, causeOf(s.ctx, err)
	}
	meta, err := msg.Metadata()
	if err != nil {
		return nil, err
	}
	if meta.NumPending == 0 || meta.Sequence.Stream >= s.last {
		s.close()
	}
	return &found{msg.Headers().Get(api.MsgIDHeader), msg.Headers().Get(originHeader), meta.Sequence.Stream}, nil
}

func (s *scan) close() {
	s.stop()
	if s.messages != nil {
		s.messages.Stop()
		s.messages = nil
	}
	if s.consumer == nil {
		return
	}
	// The server would keep it for a while, and has room for so many only.
	asking, cancel := context.WithTimeout(context.Background(), forgetTimeout)
	defer cancel()
	if info := s.consumer.CachedInfo(); info != nil {
		s.link.stream.DeleteConsumer(asking, info.Name)
	}
	s.consumer = nil
}
