package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"auditctl/pkg/collector/jetstream/internal/message"
)

const (
	// duplicateWindow is for how long the server knows ids. That is long enough
	// for what is still on its way when a connection is lost; what is older is
	// looked for in the stream. A longer one costs the server memory.
	duplicateWindow = 2 * time.Minute

	minAckTimeout = 2 * time.Second
	maxAckTimeout = 30 * time.Second

	originHeader        = "Auditctl-Origin"
	batchIDHeader       = "Nats-Batch-Id"
	batchSequenceHeader = "Nats-Batch-Sequence"
	batchCommitHeader   = "Nats-Batch-Commit"
)

// A sender brings messages into the stream, in their order, each once, whatever
// happens to the connection. It is used by one goroutine at a time.
//
// Only one batch is on its way at any time, and it is stored as a whole or not at
// all. So if what became of a batch is not known, the stream tells: either all of
// it is there, after all that was sent before, or nothing is.
type sender struct {
	address Address
	retry   retry

	link       *link  // nil: not connected
	last       uint64 // sequence up to which all is known of what is in the stream
	alone      bool   // nobody else wrote since
	unsure     bool   // something after last may be of ours
	known      *scan  // of what may be of ours; nil: nothing
	passed     int    // lines that were there, since the last one that still is
	toldPassed bool   // that there were some
	toldOfLoss bool   // what the stream does not keep
	begun      string // id of the line, the next one, for which was looked
	batch      int    // how many lines are sent at once
	single     bool   // one only: which of some is there already is to be told
	ackTimeout time.Duration
}

func newSender(a Address, r retry) *sender {
	return &sender{address: a, retry: r, alone: true, batch: message.BatchLines, ackTimeout: minAckTimeout}
}

// connect connects, unless it is connected, and finds or makes the stream.
func (s *sender) connect(ctx context.Context) error {
	if s.link != nil && !s.link.lost() {
		return nil
	}
	s.disconnect()
	l, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	if err := l.open(ctx, s.address, true); err != nil {
		l.close()
		return err
	}
	s.link = l
	if text := shortcomings(s.address, l.stream.CachedInfo()); text != "" && !s.toldOfLoss {
		s.toldOfLoss = true
		s.retry.tell("%s", text)
	}
	return nil
}

// disconnect gives the connection up. What was on its way may arrive or not.
func (s *sender) disconnect() {
	s.forget()
	if s.link != nil {
		s.link.close()
		s.link = nil
	}
}

// start connects for the first time, and tries again if it is to. What is in the
// stream now was not sent by this sender.
func (s *sender) start(ctx context.Context, again bool) error {
	tries := s.retry.begin(ctx)
	defer tries.end()
	for {
		err := s.connect(tries.ctx)
		if err == nil {
			s.last = s.link.stream.CachedInfo().State.LastSeq
			return nil
		}
		if ctx.Err() == nil && (!again && away(err) || !mendable(err)) {
			return plain(err)
		}
		if err := tries.wait(err); err != nil {
			return err
		}
	}
}

// deliver returns once all messages are in the stream and acknowledged. It tries
// until that is so, for as long as its retry allows.
func (s *sender) deliver(ctx context.Context, messages []message.Message) error {
	tries := s.retry.begin(ctx)
	defer tries.end()
	for len(messages) > 0 {
		left, err := s.attempt(tries, messages)
		messages = left
		if err == nil {
			continue
		}
		s.unsure = true
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case codeOf(err) == api.JSErrCodeStreamWrongLastSequence || codeOf(err) == api.JSErrCodeStreamWrongLastSequenceConstant:
			// Somebody else writes, or it is there already. Look, and expect nothing
			// the next time if it happens again.
			if s.alone {
				s.alone = false
				continue
			}
		case errors.Is(err, errUnacknowledged):
			continue // look
		case codeOf(err) == codeBatchDuplicate:
			s.single = true
		case codeOf(err) == codeBatchTooLarge && s.batch > 1:
			s.batch /= 2
			continue
		case !mendable(err):
			s.disconnect()
			return plain(err)
		case codeOf(err) == 0: // not the server's, or not to be understood
			s.disconnect()
		}
		if err := tries.wait(err); err != nil {
			return err
		}
	}
	return nil
}

// attempt returns the messages that are not in the stream, if there are any, and
// why it ended.
func (s *sender) attempt(tries *tries, messages []message.Message) ([]message.Message, error) {
	ctx := tries.ctx
	if err := s.connect(ctx); err != nil {
		return messages, err
	}
	for {
		left, err := s.skip(ctx, messages)
		if len(left) < len(messages) {
			messages = left
			tries.progress()
		}
		if err != nil || len(messages) == 0 {
			return messages, err
		}
		if n, most := len(messages[0].Line), s.link.maxLine(); n > most {
			return messages, tooLong(n, most)
		}
		n := s.chunk(messages)
		if err := s.send(ctx, messages[:n]); err != nil {
			return messages, err
		}
		messages, s.begun = messages[n:], ""
		tries.progress()
	}
}

// chunk returns how many messages are sent at once. One at which an origin is to
// be looked for comes first.
func (s *sender) chunk(messages []message.Message) int {
	size := 0
	for i := range messages {
		m := &messages[i]
		size += m.Size()
		if i > 0 && (i >= s.batch || size > message.BatchBytes || m.Begins || s.single || !s.link.atomic || len(m.Line) > s.link.maxLine()) {
			return i
		}
	}
	return len(messages)
}

// send sends messages, all or none of which are stored, and waits for the
// acknowledgement.
func (s *sender) send(ctx context.Context, messages []message.Message) error {
	last, err := s.publish(messages)
	if err != nil {
		return err
	}
	waiting, cancel := s.link.within(ctx, s.ackTimeout)
	defer cancel()
	if s.link.noAck {
		return s.sendUnacknowledged(waiting, last, len(messages))
	}
	ack, err := s.link.js.PublishMsg(waiting, last, api.WithRetryAttempts(0))
	if err != nil {
		if err = causeOf(waiting, err); errors.Is(err, errNoAnswer) {
			err = plainError{fmt.Sprintf("no acknowledgement for %v", s.ackTimeout), err}
			s.ackTimeout = min(2*s.ackTimeout, maxAckTimeout)
		}
		return err
	}
	s.ackTimeout, s.single = minAckTimeout, ack.Duplicate
	if ack.Duplicate && ack.Sequence <= s.last {
		return nil // the stream was looked through that far: what is known of it stays so
	}
	s.alone = ack.Sequence == s.last+uint64(len(messages))
	s.last, s.unsure = ack.Sequence, ack.Duplicate // what follows may be there, too
	return nil
}

// publish sends all messages but the last one, which it returns.
func (s *sender) publish(messages []message.Message) (last *nats.Msg, err error) {
	var batch string
	if len(messages) > 1 {
		batch = nuid.Next()
	}
	for i := range messages {
		m := &messages[i]
		last = &nats.Msg{Subject: m.Subject, Data: m.Line, Header: nats.Header{
			api.MsgIDHeader:          {m.ID},
			api.ExpectedStreamHeader: {s.address.Stream},
		}}
		if m.Origin != "" {
			last.Header.Set(originHeader, m.Origin)
		}
		if i == 0 && s.alone {
			last.Header.Set(api.ExpectedLastSeqHeader, strconv.FormatUint(s.last, 10))
		}
		if batch != "" {
			last.Header.Set(batchIDHeader, batch)
			last.Header.Set(batchSequenceHeader, strconv.Itoa(i+1))
		}
		if i == len(messages)-1 {
			break
		}
		if err := s.link.conn.PublishMsg(last); err != nil {
			return nil, err
		}
	}
	if batch != "" {
		last.Header.Set(batchCommitHeader, "1")
	}
	return last, nil
}

// errUnacknowledged says that what was sent is to be looked for.
var errUnacknowledged = errors.New("the stream acknowledges nothing")

// sendUnacknowledged sends the last one of some messages to a stream that acknowledges
// nothing, and waits until it has grown by as many.
func (s *sender) sendUnacknowledged(ctx context.Context, last *nats.Msg, n int) error {
	if err := s.link.conn.PublishMsg(last); err != nil {
		return err
	}
	for pause := time.Millisecond; ; pause = min(2*pause, firstPause) {
		info, err := s.link.stream.Info(ctx)
		switch {
		case err == nil && info.State.LastSeq >= s.last+uint64(n):
			return errUnacknowledged
		case err != nil && ctx.Err() == nil:
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return plainError{"the stream takes nothing, and does not say why (no_ack)", context.Cause(ctx)}
		}
	}
}
