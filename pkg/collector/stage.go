package collector

import (
	"context"
	"io"
	"sync/atomic"

	"auditctl/pkg/events"
)

// A Stage selects or changes events and passes them on to another Collector. It takes
// only events: [EmitLines] stops at a line that is not one.
type Stage struct {
	to     Collector
	change func(events.Event) (events.Event, error)
	closed atomic.Bool
}

// Filter returns a Stage that passes on the events for which keep returns true, such as
// the Match of a selection.Predicate. keep must be safe for concurrent use.
func Filter(keep func(events.Event) bool, to Collector) *Stage {
	return Map(func(e events.Event) (events.Event, error) {
		if !keep(e) {
			e = events.Event{}
		}
		return e, nil
	}, to)
}

// Map returns a Stage that passes on what change returns for each event, or nothing if
// that is the zero Event. If change returns an error, so does Emit, and nothing is passed
// on. change must be safe for concurrent use and must not keep the bytes of the event.
func Map(change func(events.Event) (events.Event, error), to Collector) *Stage {
	return &Stage{to: to, change: change}
}

// Emit passes e on as the Stage was made to.
func (s *Stage) Emit(e events.Event) error {
	if s.closed.Load() {
		return ErrClosed
	}
	e, err := s.change(e)
	if err != nil || len(e.Line()) == 0 {
		return err
	}
	return s.to.Emit(e)
}

// Flush flushes the Collector that the Stage passes events on to.
func (s *Stage) Flush() error { return s.FlushContext(context.Background()) }

// FlushContext is Flush with a context, see [ContextFlusher].
func (s *Stage) FlushContext(ctx context.Context) error {
	if s.closed.Load() {
		return ErrClosed
	}
	return FlushContext(ctx, s.to)
}

// Close closes the Collector that the Stage passes events on to, if that is an io.Closer.
// A second Close does nothing.
func (s *Stage) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if c, ok := s.to.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
