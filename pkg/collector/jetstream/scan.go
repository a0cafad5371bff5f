package jetstream

import (
	"context"
	"errors"
	"time"

	api "github.com/nats-io/nats.go/jetstream"
)

// A scan looks for lines in the stream, in the order in which they are to be
// there. It reads the ids of messages only, from a sequence on to what is the
// last one when it begins.
type scan struct {
	stream   api.Stream
	consumer api.Consumer
	messages api.MessagesContext // nil: there is nothing, or no more
	first    uint64              // sequence of the first message there was
	last     uint64              // and of the last one
}

// scanIdle is after what time the server forgets a scan that was not closed.
const scanIdle = 30 * time.Second

// newScan begins a scan of the subjects that match filter, from sequence from on.
func (l *link) newScan(ctx context.Context, from uint64, filter string) (*scan, error) {
	asking, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	info, err := l.stream.Info(asking)
	if err != nil {
		return nil, err
	}
	s := &scan{stream: l.stream, first: info.State.FirstSeq, last: info.State.LastSeq}
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
		return nil, err
	}
	consumerInfo, err := s.consumer.Info(asking)
	if err == nil && consumerInfo.NumPending > 0 {
		s.messages, err = s.consumer.Messages()
	}
	if s.messages == nil {
		s.close()
	}
	return s, err
}

// find looks for the id of a line from where the last one was found, and returns
// its sequence. After it has not found one there are no more.
func (s *scan) find(ctx context.Context, id string) (sequence uint64, found bool, err error) {
	for s.messages != nil {
		msg, err := s.messages.Next(api.NextContext(ctx))
		if err != nil {
			return 0, false, causeOf(ctx, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return 0, false, err
		}
		found := msg.Headers().Get(api.MsgIDHeader) == id
		if meta.NumPending == 0 || meta.Sequence.Stream >= s.last {
			s.close()
		}
		if found {
			return meta.Sequence.Stream, true, nil
		}
	}
	return 0, false, nil
}

func (s *scan) close() {
	if s.messages != nil {
		s.messages.Stop()
		s.messages = nil
	}
	if s.consumer == nil {
		return
	}
	// The server would keep it for a while, and has room for so many only.
	asking, cancel := context.WithTimeout(context.Background(), minAckTimeout)
	defer cancel()
	if info := s.consumer.CachedInfo(); info != nil {
		s.stream.DeleteConsumer(asking, info.Name)
	}
	s.consumer = nil
}

// causeOf is err, or why ctx ended if that is what it says.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return context.Cause(ctx)
	}
	return err
}
