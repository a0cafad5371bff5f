package jetstream

import (
	"context"
	"errors"
)

// resume says that what an earlier sender sent may be in the stream behind a
// sequence.
func (s *sender) resume(sequence uint64) { s.last, s.unsure = sequence, true }

// skip drops the first messages as far as they are in the stream already.
func (s *sender) skip(ctx context.Context, messages []message) ([]message, error) {
	if s.unsure {
		if err := s.recall(ctx); err != nil {
			return messages, err
		}
	}
	for len(messages) > 0 {
		next := &messages[0]
		if s.known != nil {
			at, found, err := s.known.find(ctx, next.id)
			if err != nil {
				s.forget()
				return messages, err
			}
			if found {
				s.last = at
				messages = messages[1:]
				continue
			}
			s.last, s.known = s.known.last, nil
		}
		if !next.begins || next.id == s.begun {
			return messages, nil
		}
		found, err := s.lookFor(ctx, next)
		if err != nil {
			return messages, err
		}
		if !found {
			s.begun = next.id
			return messages, nil
		}
		messages = messages[1:]
	}
	return messages, nil
}

// recall begins to look behind what is known.
func (s *sender) recall(ctx context.Context) error {
	known, err := s.link.newScan(ctx, s.last+1, s.address.Subject+".>")
	if err != nil {
		return err
	}
	if s.followed && known.first > s.last+1 {
		known.close() // the stream forgot what followed
	}
	s.followed = false
	if known.last < s.last {
		known.close()
		s.last = 0
		return errors.New("the stream was made anew")
	}
	s.known, s.unsure = known, false
	return nil
}

// lookFor looks for the first line of an origin under its subject. If it is there
// the lines behind it may be, too.
func (s *sender) lookFor(ctx context.Context, first *message) (found bool, err error) {
	under, err := s.link.newScan(ctx, 1, first.subject)
	if err != nil {
		return false, err
	}
	defer under.close()
	at, found, err := under.find(ctx, first.id)
	if found {
		s.last, s.unsure = at, true
		err = s.recall(ctx)
	}
	return found, err
}

// forget ends the looking for lines; it begins anew if need be.
func (s *sender) forget() {
	if s.known != nil {
		s.known.close()
		s.known = nil
		s.unsure = true
	}
}
