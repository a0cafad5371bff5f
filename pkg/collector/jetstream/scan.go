package jetstream

import (
	"context"
	"time"

	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// A scan looks for lines in the stream, in the order in which they were sent. It reads only
// the headers of messages, from a sequence to the one that is last when it begins.
type scan struct {
	link       *link
	consumer   api.Consumer
	messages   api.MessagesContext // nil if there are none, or no more
	last       uint64              // the sequence of the last message
	incomplete bool                // messages were deleted from the stream
	ahead      *found              // read but not compared yet, or nil

	asked, ctx context.Context // ctx is asked joined with that of the link
	stop       context.CancelFunc
}

// A found is what the stream has of a line.
type found struct {
	id, origin string
	sequence   uint64
}

// A presence says whether the stream has a line.
type presence int

const (
	missing presence = iota
	present          // the line is in the stream
	deleted          // it was in the stream: a later line of its origin is
	changed          // another line is in its place
)

// scanIdle is how long the server keeps a scan that was not closed.
const scanIdle = 30 * time.Second

// newScan begins a scan of the subjects that match filter, from sequence from on.
func (l *link) newScan(ctx context.Context, from uint64, filter string) (*scan, error) {
	asking, cancel := l.within(ctx, requestTimeout)
	defer cancel()
	info, err := l.stream.Info(asking)
	if err != nil {
		return nil, causeOf(asking, err)
	}
	s := &scan{link: l, last: info.State.LastSeq, incomplete: info.State.Msgs != info.State.LastSeq, stop: func() {}}
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

// find looks for a line after the previous one that was found. It returns its sequence, or
// if it was deleted, the one before the next line of its origin. If a line is missing, so
// are all later ones.
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

// read reads the headers of the next message, nil at the end.
func (s *scan) read(ctx context.Context) (*found, error) {
	if s.messages == nil {
		return nil, nil
	}
	if ctx != s.asked { // usually it is the same as last time
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
	// The server would keep the consumer for a while, and the number of those is limited.
	asking, cancel := context.WithTimeout(context.Background(), forgetTimeout)
	defer cancel()
	if info := s.consumer.CachedInfo(); info != nil {
		s.link.stream.DeleteConsumer(asking, info.Name)
	}
	s.consumer = nil
}
