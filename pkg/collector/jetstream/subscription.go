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
	// readAhead is how many bytes a subscription buffers.
	readAhead = 16 << 20

	pullExpiry    = 10 * time.Second
	pullHeartbeat = 2 * time.Second // if they stop, the server is gone

	forgetTimeout = time.Second / 2

	// ackWait is after what time the server resends unacknowledged messages by itself.
	// It is long, since a Reader that continues asks for them.
	ackWait = 24 * time.Hour

	// idleConsumer is how long the server keeps an ephemeral consumer that nobody reads
	// from.
	idleConsumer = 5 * time.Minute
)

var (
	errGap = errors.New("a message is missing")

	// errInUse is retried: a run that was killed, or whose connection the server does not
	// know to be closed yet, has requests there until they expire. They would get messages.
	errInUse = errors.New("another process reads with it")
)

// A subscription gets messages from a consumer without gaps. At the first sign of a gap or
// of any other failure it ends for good.
type subscription struct {
	link     *link
	subjects []string
	consumer api.Consumer
	consume  api.ConsumeContext
	messages chan api.Msg
	failed   chan error
	ended    chan struct{}
	empty    bool      // there was no message for it when it began
	floor    uint64    // the sequence up to which all was acknowledged then
	created  time.Time // the stream
	last     uint64    // the sequence of the last message of the stream when it began
}

// A selection says which lines to read.
type selection struct {
	address  Address
	subjects []string
	cursor   string // the name of a durable consumer, or empty
}

// subscribe begins after a sequence, or with a cursor, after what was acknowledged last.
func subscribe(ctx context.Context, sel selection, after uint64) (*subscription, error) {
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

func (s *subscription) begin(ctx context.Context, sel selection, after uint64) error {
	if err := s.link.open(ctx, sel.address, false); err != nil {
		return err
	}
	s.created = s.link.stream.CachedInfo().Created
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
	if sel.cursor != "" && info.NumWaiting+info.NumAckPending > 0 {
		return fmt.Errorf("cursor %s: %w", sel.cursor, errInUse)
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

// more reports whether there is a message for the subscription after a sequence, of those
// that were in the stream when it began: the consumer may not know of the last ones yet.
func (s *subscription) more(ctx context.Context, after uint64) bool {
	ctx, cancel := s.link.within(ctx, requestTimeout)
	defer cancel()
	return after < s.last && slices.ContainsFunc(s.subjects, func(subject string) bool {
		msg, err := s.link.stream.GetMsg(ctx, after+1, api.WithGetMsgSubject(subject))
		return err == nil && msg.Sequence <= s.last
	})
}

// consumer creates the consumer, or finds a durable one and resets it to what was
// acknowledged last: otherwise what it sent to a run that was killed would be resent late
// and out of order.
func (l *link) consumer(ctx context.Context, sel selection, after uint64) (api.Consumer, error) {
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
			err = fatal(errors.New("the server cannot reset it to what was acknowledged: use version 2.14 or later"))
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cursor %s: %w", sel.cursor, plain(causeOf(ctx, err)))
	}
	return consumer, nil
}

// knowsReset reports whether the server may be able to reset consumers.
func (l *link) knowsReset() bool {
	var major, minor int
	_, err := fmt.Sscanf(l.conn.ConnectedServerVersion(), "%d.%d", &major, &minor)
	return err != nil || major > 2 || major == 2 && minor >= 14
}

// confirm waits until the server has the acknowledgement of all messages up to a sequence.
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

// ackAgain acknowledges all messages up to a sequence again, which the server resends if
// it lacks the acknowledgement. If the connection fails, confirm will report it.
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

// fail sets why the subscription ends, if that is not set yet.
func (s *subscription) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// end ends the subscription and closes the link.
func (s *subscription) end() {
	close(s.ended)
	if s.consume != nil {
		s.consume.Stop()
	}
	// The server would keep an ephemeral consumer for a while, and the number of those is
	// limited.
	if info := s.ephemeral(); info != nil && !s.link.lost() {
		asking, cancel := context.WithTimeout(context.Background(), forgetTimeout)
		defer cancel()
		s.link.stream.DeleteConsumer(asking, info.Name)
	}
	s.link.close()
}

// ephemeral returns the info of the consumer if it is not durable, else nil.
func (s *subscription) ephemeral() *api.ConsumerInfo {
	if s.consumer == nil {
		return nil
	}
	if info := s.consumer.CachedInfo(); info != nil && info.Config.Durable == "" {
		return info
	}
	return nil
}
