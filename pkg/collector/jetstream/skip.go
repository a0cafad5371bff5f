package jetstream

import (
	"context"
	"errors"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// resume says that lines of an earlier sender may be in the stream after a sequence.
func (s *sender) resume(sequence uint64) { s.last, s.unsure = sequence, true }

// skip drops the first messages that are, or were, in the stream.
func (s *sender) skip(ctx context.Context, messages []message.Message) ([]message.Message, error) {
	if s.unsure {
		if err := s.recall(ctx); err != nil {
			return messages, err
		}
	}
	for len(messages) > 0 {
		next := &messages[0]
		if s.known != nil {
			at, is, err := s.known.find(ctx, next)
			switch {
			case err != nil:
				s.forget()
				return messages, err
			case is == deleted && len(next.Line) > s.link.maxLine():
				return messages, nil // it cannot have been in the stream
			case is == changed && s.passed > 0:
				return messages, fatal(errors.New("lines were changed since they were sent, and the stream has lost some: which are missing cannot be known; send them to another stream"))
			case is == present || is == deleted:
				s.found(at, is)
				messages = messages[1:]
				continue
			}
			s.known.close()
			s.last, s.known = s.known.last, nil
		}
		if !next.Begins || next.ID == s.begun {
			return messages, nil
		}
		found, err := s.lookFor(ctx, next)
		if err != nil {
			return messages, err
		}
		if !found {
			s.begun = next.ID
			return messages, nil
		}
		// s.known begins with it.
	}
	return messages, nil
}

// found counts a line that is, or was, in the stream.
func (s *sender) found(at uint64, is presence) {
	s.last = at
	switch {
	case is == deleted:
		s.passed++
	case s.passed > 0:
		if !s.warnedPassed {
			s.warnedPassed = true
			s.retry.warn("lines sent before are no longer in the stream, which has later ones: they are not sent again (%d so far)", s.passed)
		}
		s.passed = 0
	}
}

// recall begins a scan of the stream after what is known of it.
func (s *sender) recall(ctx context.Context) error {
	known, err := s.link.newScan(ctx, s.last+1, s.address.Subject+".>")
	if err != nil {
		return err
	}
	if known.last < s.last {
		known.close()
		s.last = 0
		return errors.New("the stream was recreated")
	}
	s.known, s.unsure = known, false
	return nil
}

// lookFor looks for the first line of an origin under its subject. If it is in the stream,
// the lines after it may be, too. A stream that has lost messages may have lost that line
// and kept later ones, so then the whole stream is searched.
func (s *sender) lookFor(ctx context.Context, first *message.Message) (found bool, err error) {
	for _, filter := range []string{first.Subject, s.address.Subject + ".>"} {
		look, err := s.link.newScan(ctx, 1, filter)
		if err != nil {
			return false, err
		}
		at, is, err := look.find(ctx, first)
		look.close()
		switch {
		case err != nil:
			return false, err
		case is == present || is == deleted && filter != first.Subject:
			s.last = max(at, 1) - 1
			return true, s.recall(ctx)
		case !look.incomplete:
			return false, nil
		}
	}
	s.retry.warn("the stream has lost messages and has none of the lines being sent: any that it had before are sent again")
	return false, nil
}

// forget ends the current scan. Another one begins if necessary.
func (s *sender) forget() {
	if s.known != nil {
		s.known.close()
		s.known = nil
		s.unsure = true
	}
}
