package jetstream

import (
	"context"
	"errors"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// resume says that what an earlier sender sent may be in the stream after a
// sequence.
func (s *sender) resume(sequence uint64) { s.last, s.unsure = sequence, true }

// skip drops the first messages as far as they are in the stream already, or were.
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
				return messages, nil // it cannot have been there
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
		// It is the first that is known.
	}
	return messages, nil
}

// found counts a line that is in the stream, or was.
func (s *sender) found(at uint64, is presence) {
	s.last = at
	switch {
	case is == deleted:
		s.passed++
	case s.passed > 0:
		if !s.toldPassed {
			s.toldPassed = true
			s.retry.tell("lines sent before are no longer in the stream, which has later ones: they are not sent again (%d so far)", s.passed)
		}
		s.passed = 0
	}
}

// recall begins to look after what is known.
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

// lookFor looks for the first line of an origin under its subject. If it is there
// the lines after it may be, too. A stream that has lost messages may have lost that
// one and kept later ones: then all of it is looked through.
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
		case !look.forgot:
			return false, nil
		}
	}
	s.retry.tell("the stream has lost messages, and has no line of what is sent now: if it had them before, they are sent again")
	return false, nil
}

// forget ends the looking for lines; it begins again if need be.
func (s *sender) forget() {
	if s.known != nil {
		s.known.close()
		s.known = nil
		s.unsure = true
	}
}
