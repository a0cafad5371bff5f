package jetstream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	api "github.com/nats-io/nats.go/jetstream"
)

const (
	// readAhead is how many bytes a subscription holds that nobody has read.
	readAhead = 16 << 20

	pullExpiry    = 10 * time.Second
	pullHeartbeat = 2 * time.Second // missing ones say that the server is gone

	forgetTimeout = time.Second / 2

	// ackWait is after what time the server sends again what was not acknowledged:
	// a Reader that goes on sees to that itself.
	ackWait = 24 * time.Hour

	// idleConsumer is for how long the server keeps a consumer without a name
	// that nobody reads from.
	idleConsumer = 5 * time.Minute
)

var errGap = errors.New("a message is missing")

// A subscription gets messages from a consumer, without a gap. At the first sign
// of one, and of anything else, it ends for good.
type subscription struct {
	link     *link
	subjects []string
	consumer api.Consumer
	consume  api.ConsumeContext
	messages chan api.Msg
	failed   chan error
	ended    chan struct{}
	empty    bool      // there was no message for it when it began
	floor    uint64    // sequence up to which all was acknowledged then
	made     time.Time // when the stream was
	last     uint64    // sequence of the last message of the stream then
}

// A selected is what is read of a stream.
type selected struct {
	address  Address
	subjects []string
	cursor   string // the name of a durable consumer; empty: none
}

// subscribe begins after a sequence, or, with a cursor, after what was last
// acknowledged.
func subscribe(ctx context.Context, sel selected, after uint64) (*subscription, error) {
	l, err := dial(ctx, sel.address)
	if err != nil {
		return nil, err
	}
	s := &subscription{link: l, subjects: sel.subjects, messages: make(chan api.Msg, 64), failed: make(chan error, 1), ended: make(chan struct{})}
	context.AfterFunc(l.ctx, func() { s.fail(context.Cause(l.ctx)) })
	if err := s.begin(ctx, sel, after); err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *subscription) begin(ctx context.Context, sel selected, after uint64) error {
	if err := s.link.open(ctx, sel.address, false); err != nil {
		return err
	}
	s.made = s.link.stream.CachedInfo().Created
	s.last = s.link.stream.CachedInfo().State.LastSeq
	asking, cancel := s.link.within(ctx, requestTimeout)
	defer cancel()
	var err error
	if s.consumer, err = s.link.consumer(asking, sel, after); err != nil {
		return err
	}
	info, err := s.consumer.Info(asking)
	if err != nil {
		return causeOf(asking, err)
	}
	s.floor = info.AckFloor.Stream
	s.empty = info.NumPending == 0 && !s.more(asking, max(after, s.floor))
	expected := info.Delivered.Consumer
	s.consume, err = s.consumer.Consume(func(msg api.Msg) {
		meta, err := msg.Metadata()
		if expected++; err == nil && meta.Sequence.Consumer != expected {
			err = errGap
		}
		if err != nil {
			s.fail(err)
			return
		}
		select {
		case s.messages <- msg:
		case <-s.ended:
		}
	}, api.PullMaxBytes(max(readAhead, 4*s.link.maxMessage)), api.PullExpiry(pullExpiry), api.PullHeartbeat(pullHeartbeat),
		api.ConsumeErrHandler(func(_ api.ConsumeContext, err error) { s.fail(err) }))
	return err
}

// more reports whether there is a message for it after a sequence, of those that were
// in the stream when it began: a consumer may not have heard yet of the last ones.
func (s *subscription) more(ctx context.Context, after uint64) bool {
	ctx, cancel := s.link.within(ctx, requestTimeout)
	defer cancel()
	return after < s.last && slices.ContainsFunc(s.subjects, func(subject string) bool {
		msg, err := s.link.stream.GetMsg(ctx, after+1, api.WithGetMsgSubject(subject))
		return err == nil && msg.Sequence <= s.last
	})
}

// consumer makes the consumer, or finds a durable one and takes it back to what
// was last acknowledged: else what it sent to a run that was killed would come
// late, and after what follows.
func (l *link) consumer(ctx context.Context, sel selected, after uint64) (api.Consumer, error) {
	if sel.cursor == "" {
		consumer, err := l.stream.CreateConsumer(ctx, api.ConsumerConfig{
			Description:       "auditctl",
			AckPolicy:         api.AckNonePolicy,
			DeliverPolicy:     api.DeliverByStartSequencePolicy,
			OptStartSeq:       after + 1,
			FilterSubjects:    sel.subjects,
			InactiveThreshold: idleConsumer,
			MemoryStorage:     true,
			Replicas:          1,
		})
		return consumer, causeOf(ctx, err)
	}
	consumer, err := l.stream.CreateOrUpdateConsumer(ctx, api.ConsumerConfig{
		Durable:        sel.cursor,
		Description:    "auditctl",
		AckPolicy:      api.AckAllPolicy,
		AckWait:        ackWait,
		MaxAckPending:  -1,
		DeliverPolicy:  api.DeliverAllPolicy,
		FilterSubjects: sel.subjects,
	})
	if err == nil && consumer.CachedInfo().NumAckPending > 0 {
		_, err = l.stream.ResetConsumer(ctx, sel.cursor)
		if errors.Is(err, context.DeadlineExceeded) && !l.knowsReset() {
			err = fatal(errors.New("the server cannot take it back to what was acknowledged: use one from 2.14 on"))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cursor %s: %w", sel.cursor, plain(causeOf(ctx, err)))
	}
	return consumer, nil
}

// knowsReset reports whether the server may be one that knows how to reset a
// consumer.
func (l *link) knowsReset() bool {
	var major, minor int
	_, err := fmt.Sscanf(l.conn.ConnectedServerVersion(), "%d.%d", &major, &minor)
	return err != nil || major > 2 || major == 2 && minor >= 14
}

// confirm waits until the server knows that all up to a sequence was
// acknowledged.
func (s *subscription) confirm(ctx context.Context, acked uint64) error {
	ctx, cancel := s.link.joined(ctx)
	defer cancel()
	for {
		info, err := s.consumer.Info(ctx)
		if err != nil || info.AckFloor.Stream >= acked {
			return causeOf(ctx, err)
		}
		select {
		case <-time.After(firstPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// ackAgain acknowledges all up to a sequence, which the server sends once more
// unless it knows that already. If it fails confirm does, too.
func (s *subscription) ackAgain(ctx context.Context, acked uint64) error {
	for known := s.floor; known < acked; {
		select {
		case msg := <-s.messages:
			meta, err := msg.Metadata()
			if err != nil {
				return err
			}
			if known = meta.Sequence.Stream; known <= acked {
				msg.Ack()
			}
		case <-s.failed:
			s.link.close()
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// fail notes why it ends, the first time.
func (s *subscription) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// end ends it.
func (s *subscription) end() {
	close(s.ended)
	if s.consume != nil {
		s.consume.Stop()
	}
	// The server would keep a consumer without a name for a while, and has room for
	// so many only.
	if info := s.forgettable(); info != nil && !s.link.lost() {
		asking, cancel := context.WithTimeout(context.Background(), forgetTimeout)
		defer cancel()
		s.link.stream.DeleteConsumer(asking, info.Name)
	}
	s.link.close()
}

// forgettable returns what is known of a consumer that is not durable, nil if there
// is none.
func (s *subscription) forgettable() *api.ConsumerInfo {
	if s.consumer == nil {
		return nil
	}
	if info := s.consumer.CachedInfo(); info != nil && info.Config.Durable == "" {
		return info
	}
	return nil
}
