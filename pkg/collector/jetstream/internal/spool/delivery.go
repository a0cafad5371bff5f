package spool

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"auditctl/pkg/collector/jetstream/internal/message"
	"auditctl/pkg/internal/osfile"
)

// pauseAfterFinal is when to retry after an error that retrying cannot fix: somebody may
// fix it meanwhile.
const pauseAfterFinal = 30 * time.Second

// An undeliveredError is why lines stay in the spool. Nothing is lost.
type undeliveredError struct{ error }

func (e undeliveredError) Unwrap() error { return e.error }

// run delivers until the spool is closed, and empty if possible.
func (s *Spool) run(ctx context.Context) {
	defer close(s.done)
	warned := ""
	for {
		err := s.deliverAll(ctx)
		left := errors.As(err, new(undeliveredError))
		if ctx.Err() != nil || !left {
			s.mu.Lock()
			defer s.mu.Unlock()
			if ctx.Err() == nil { // otherwise lines are still accepted, for the next run
				s.err = err
			}
			return
		}
		s.why = err
		if s.hurry.Err() != nil {
			return
		}
		if err.Error() != warned {
			warned = err.Error()
			s.warn("%v: lines are kept in %s", err, s.dir)
		}
		select {
		case <-time.After(pauseAfterFinal):
		case <-s.hurry.Done():
			return
		case <-ctx.Done():
		}
	}
}

func (s *Spool) deliverAll(ctx context.Context) error {
	if !s.at.Known {
		// Store the end of the stream before the first line is sent.
		if err := s.sender.Start(ctx); err != nil {
			return undeliveredError{err}
		}
		s.at.Known, s.at.Sequence = true, s.sender.Last()
		if err := s.at.keep(s.dir); err != nil {
			return err
		}
	}
	for {
		end, ok := s.next(ctx)
		if !ok {
			return context.Cause(ctx)
		}
		if err := s.deliverTo(ctx, end); err != nil {
			return err
		}
	}
}

// next waits until there is something to deliver, and returns its end. It returns false if
// there will be nothing.
func (s *Spool) next(ctx context.Context) (end mark, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.at.mark == s.end && !s.closing && ctx.Err() == nil {
		s.more.Wait()
	}
	return s.end, s.at.mark != s.end && ctx.Err() == nil
}

// deliverTo delivers up to end.
func (s *Spool) deliverTo(ctx context.Context, end mark) error {
	for s.at.Segment < end.Segment {
		st, err := os.Stat(s.path(s.at.Segment))
		if err != nil {
			return err
		}
		if err := s.deliverSegment(ctx, st.Size()); err != nil {
			return err
		}
		old := s.path(s.at.Segment)
		s.at.mark = mark{s.at.Segment + 1, 0}
		if err := cmp.Or(s.at.keep(s.dir), os.Remove(old)); err != nil {
			return err
		}
	}
	return s.deliverSegment(ctx, end.Offset)
}

// deliverSegment delivers the current segment up to an offset, which is the end of a line.
func (s *Spool) deliverSegment(ctx context.Context, end int64) error {
	if s.at.Offset == end {
		return nil
	}
	f, err := osfile.OpenRegular(s.path(s.at.Segment), os.O_RDONLY|osfile.NoFollow, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.NewSectionReader(f, s.at.Offset, end-s.at.Offset), 256<<10)
	for s.at.Offset < end {
		var messages []message.Message
		offset, size := s.at.Offset, 0
		for offset < end && len(messages) < message.BatchLines && size < message.BatchBytes {
			record, err := in.ReadBytes('\n')
			if err != nil {
				return err
			}
			offset += int64(len(record))
			m, err := parseRecord(record, s.lines)
			if err != nil {
				return fmt.Errorf("%s: %w", f.Name(), err)
			}
			messages = append(messages, m)
			size += m.Size()
		}
		if err := s.deliver(ctx, messages); err != nil {
			return err
		}
		s.at.Offset, s.at.Sequence = offset, s.sender.Last()
		if err := s.at.keep(s.dir); err != nil {
			return err
		}
	}
	return nil
}

// deliver delivers messages. It sets lines aside that are too long for the stream, so that
// the others do not have to wait forever.
func (s *Spool) deliver(ctx context.Context, messages []message.Message) error {
	for len(messages) > 0 {
		err := s.sender.Deliver(ctx, messages)
		var tooLong message.TooLongError
		switch {
		case err == nil:
			return nil
		case !errors.As(err, &tooLong):
			return undeliveredError{err}
		}
		// Those before the first line that is too long were delivered.
		i := slices.IndexFunc(messages, func(m message.Message) bool { return len(m.Line) > tooLong.Most })
		if err := s.setAside(messages[i].Line); err != nil {
			return err
		}
		if s.aside <= maxAsideWarnings {
			s.warn("%v: it is in %s now", tooLong, s.asidePath())
		}
		messages = messages[i+1:]
	}
	return nil
}
