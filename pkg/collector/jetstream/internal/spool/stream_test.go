package spool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/collector/jetstream/internal/spool"
)

// A stream is a [spool.Sender] and what it sends to. Its fields are looked at once the
// spool is closed.
type stream struct {
	longest int   // of the lines that it takes; 0: any
	refuses error // why it takes none
	away    bool  // its server takes none now

	messages []message.Message
	resumed  uint64
	hurry    chan struct{}
	closed   bool
}

var errAway = errors.New("the server is away")

func (s *stream) Resume(sequence uint64) { s.resumed = sequence }

func (s *stream) Start(ctx context.Context) error { return s.Deliver(ctx, nil) }

func (s *stream) Deliver(ctx context.Context, messages []message.Message) error {
	if s.refuses != nil {
		return s.refuses
	}
	if s.away {
		select {
		case <-s.hurry:
			return spool.LaterError{Err: errAway}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	for _, m := range messages {
		if s.longest > 0 && len(m.Line) > s.longest {
			return message.TooLongError{Length: len(m.Line), Most: s.longest}
		}
		s.messages = append(s.messages, m)
	}
	return nil
}

func (s *stream) Last() uint64 { return s.resumed + uint64(len(s.messages)) }
func (s *stream) Hurry()       { close(s.hurry) }
func (s *stream) Close()       { s.closed = true }

// lines returns the lines that the stream has.
func (s *stream) lines() (lines []string) {
	for _, m := range s.messages {
		lines = append(lines, string(m.Line))
	}
	return lines
}

// open opens the spool of a directory, which delivers to a stream, and returns where
// it puts what it tells.
func open(t *testing.T, dir string, to *stream) (s *spool.Spool, told *[]string, err error) {
	t.Helper()
	to.hurry, told = make(chan struct{}), new([]string)
	s, err = spool.Open(t.Context(), spool.Options{
		Dir: dir, Stream: "AUDIT", Subject: "audit", Sender: to,
		Tell: func(format string, args ...any) { *told = append(*told, fmt.Sprintf(format, args...)) },
	})
	return s, told, err
}

// run puts messages in the spool of a directory, and returns what was told, and the
// first error.
func run(t *testing.T, dir string, to *stream, messages ...message.Message) (told []string, err error) {
	t.Helper()
	s, all, err := open(t, dir, to)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		if err := s.Append(messages[i : i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Flush(); err != nil {
		t.Fatal(err)
	}
	err = s.Close()
	if !to.closed {
		t.Error("the sender is not closed")
	}
	return *all, err
}

// messagesOf returns the messages of lines that come from one file.
func messagesOf(lines ...string) (messages []message.Message) {
	labels := message.NewLabeller("audit")
	labels.From("a.jsonl")
	for _, line := range lines {
		messages = append(messages, labels.Label([]byte(line)))
	}
	return messages
}

// numbered returns n events.
func numbered(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf(`{"event_type": "a", "session_id": "s%d"}`, i))
	}
	return lines
}
