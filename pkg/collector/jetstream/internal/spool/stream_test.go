package spool_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/collector/jetstream/internal/spool"
)

// A stream is a [spool.Sender] and the stream it sends to. Tests look at its fields after
// the spool is closed.
type stream struct {
	longest int   // the length of the longest line it accepts; 0: any
	refuses error // why it accepts no lines
	away    bool  // its server does not answer

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

// open opens a spool that delivers to a stream, and returns its warnings.
func open(t *testing.T, dir string, to *stream) (s *spool.Spool, warnings *[]string, err error) {
	t.Helper()
	to.hurry, warnings = make(chan struct{}), new([]string)
	s, err = spool.Open(t.Context(), spool.Options{
		Dir: dir, Stream: "AUDIT", Subject: "audit", Sender: to,
		Warn: func(format string, args ...any) { *warnings = append(*warnings, fmt.Sprintf(format, args...)) },
	})
	return s, warnings, err
}

// run appends messages to a spool, and returns its warnings and the first error.
func run(t *testing.T, dir string, to *stream, messages ...message.Message) (warnings []string, err error) {
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

// messagesOf returns the messages of the lines of a file.
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
