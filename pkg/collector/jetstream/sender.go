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
	// duplicateWindow is how long the server remembers ids: long enough for what is in
	// flight when a connection is lost. Older lines are looked for in the stream. A
	// longer window would cost the server memory.
	duplicateWindow = 2 * time.Minute

	minAckTimeout = 2 * time.Second
	maxAckTimeout = 30 * time.Second

	originHeader        = "Auditctl-Origin"
	batchIDHeader       = "Nats-Batch-Id"
	batchSequenceHeader = "Nats-Batch-Sequence"
	batchCommitHeader   = "Nats-Batch-Commit"
)

// A sender gets messages into the stream in order, each exactly once, even if the
// connection drops. It is not safe for concurrent use.
//
// Only one batch is in flight at any time, and it is stored completely or not at all. So
// if the outcome of a batch is unknown, the stream shows it: either all of it is there,
// after everything sent before, or nothing is.
type sender struct {
	address Address
	retry   retry

	link          *link  // nil if not connected
	last          uint64 // the sequence up to which the stream is known
	alone         bool   // nobody else has written since
	unsure        bool   // there may be lines of ours after last
	known         *scan  // of lines that may be ours, or nil
	passed        int    // how many deleted lines were skipped since the last present one
	warnedPassed  bool   // of deleted lines
	warnedKeeping bool   // of what the stream does not keep
	begun         string // the id of the next line, if it was looked for
	batch         int    // how many lines to send at once
	single        bool   // send one only, to find out which ones are in the stream already
	ackTimeout    time.Duration
}

func newSender(a Address, r retry) *sender {
	return &sender{address: a, retry: r, alone: true, batch: message.BatchLines, ackTimeout: minAckTimeout}
}

// connect connects, unless it is connected, and finds or creates the stream.
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
	if text := shortcomings(s.address, l.stream.CachedInfo()); text != "" && !s.warnedKeeping {
		s.warnedKeeping = true
		s.retry.warn("%s", text)
	}
	return nil
}

// disconnect closes the connection. What is in flight may arrive or not.
func (s *sender) disconnect() {
	s.forget()
	if s.link != nil {
		s.link.close()
		s.link = nil
	}
}

// start connects for the first time; with again set it retries even if there is no server.
// What is in the stream then was not sent by this sender.
func (s *sender) start(ctx context.Context, again bool) error {
	tries := s.retry.begin(ctx)
	defer tries.end()
	for {
		err := s.connect(tries.ctx)
		if err == nil {
			s.last = s.link.stream.CachedInfo().State.LastSeq
			return nil
		}
		if ctx.Err() == nil && (!again && away(err) || !retryable(err)) {
			return plain(err)
		}
		if err := tries.wait(err); err != nil {
			return err
		}
	}
}

// deliver returns once all messages are in the stream and acknowledged. It retries for as
// long as its retry allows.
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
			// Somebody else writes, or the batch is in the stream already. Look, and do
			// not expect a sequence next time.
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
		case !retryable(err):
			s.disconnect()
			return plain(err)
		case codeOf(err) == 0: // not an error of the server, or an unknown one
			s.disconnect()
		}
		if err := tries.wait(err); err != nil {
			return err
		}
	}
	return nil
}

// attempt sends messages. It returns those that are not in the stream, if any, and the
// error that ended it.
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

// chunk returns how many messages to send at once. One that begins an origin must come
// first, since it has to be looked for.
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

// send sends messages as one batch and waits for the acknowledgement.
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
		return nil // the stream is known that far anyway
	}
	s.alone = ack.Sequence == s.last+uint64(len(messages))
	s.last, s.unsure = ack.Sequence, ack.Duplicate // after a duplicate, more may be there
	return nil
}

// publish sends all messages except the last one, which it returns.
func (s *sender) publish(messages []message.Message) (last *nats.Msg, err error) {
	var batch string
	if len(messages) > 1 {
		batch = nuid.Next()
	}
	for i := range messages {
		m := &messages[i]
		last = &nats.Msg{Subject: m.Subject, Data: m.Line, Header: nats.Header{api.MsgIDHeader: {m.ID}}}
		if m.Origin != "" {
			last.Header.Set(originHeader, m.Origin)
		}
		if i == 0 { // the others are stored with it or not at all
			last.Header.Set(api.ExpectedStreamHeader, s.address.Stream)
			if s.alone {
				last.Header.Set(api.ExpectedLastSeqHeader, strconv.FormatUint(s.last, 10))
			}
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

// errUnacknowledged means that what was sent must be looked for in the stream.
var errUnacknowledged = errors.New("the stream acknowledges nothing")

// sendUnacknowledged sends the last of n messages to a stream that acknowledges nothing,
// and waits until the stream has grown by n.
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
			return plainError{"the stream accepts nothing, and does not say why (no_ack)", context.Cause(ctx)}
		}
	}
}
