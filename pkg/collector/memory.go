package collector

import (
	"iter"
	"slices"
	"sync"

	"auditctl/pkg/events"
)

// Memory keeps events in memory, in the order they were emitted. The zero Memory is ready
// to use and keeps all.
type Memory struct {
	limit int // how many to keep; 0: all

	mu     sync.Mutex
	events []events.Event
	first  int // the index of the oldest event
	closed bool
}

// NewMemory returns a Memory that keeps the last limit events, or all if limit is zero or
// negative.
func NewMemory(limit int) *Memory { return &Memory{limit: max(limit, 0)} }

// Emit keeps a copy of e.
func (m *Memory) Emit(e events.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	e = e.Clone()
	if m.limit == 0 || len(m.events) < m.limit {
		m.events = append(m.events, e)
		return nil
	}
	m.events[m.first] = e
	m.first = (m.first + 1) % len(m.events)
	return nil
}

// Flush does nothing.
func (m *Memory) Flush() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

// Close ends the recording. The events can still be read. It never fails.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Events returns the events, oldest first. The slice belongs to the caller.
func (m *Memory) Events() []events.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]events.Event(nil), m.events[m.first:]...), m.events[:m.first]...)
}

// All yields the events that are kept when the loop begins, oldest first. Events emitted
// during the loop are not yielded.
func (m *Memory) All() iter.Seq[events.Event] {
	return func(yield func(events.Event) bool) { slices.Values(m.Events())(yield) }
}

// EventsByType returns the events of one type, oldest first. The slice belongs to the
// caller.
func (m *Memory) EventsByType(eventType string) []events.Event {
	var of []events.Event
	for e := range m.All() {
		if e.Type() == eventType {
			of = append(of, e)
		}
	}
	return of
}

// Clear removes all events.
func (m *Memory) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events, m.first = nil, 0
}

// Len returns the number of events kept.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.events)
}
