package collector

import (
	"sync"

	"auditctl/pkg/events"
)

// Memory keeps events in memory, in the order in which they came. The zero
// Memory is ready and keeps all.
type Memory struct {
	// Limit, if above zero, is how many events are kept: the last so many. It
	// may be set before the first event.
	Limit int

	mu     sync.Mutex
	events []events.Event
	first  int // where the oldest event is, once there are Limit of them
	closed bool
}

// Emit keeps a copy of e.
func (m *Memory) Emit(e events.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	e = e.Clone()
	if m.Limit <= 0 || len(m.events) < m.Limit {
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

// Close ends the recording. The events can still be read.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Events returns the events, the oldest first. The slice is the caller's.
func (m *Memory) Events() []events.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append(append([]events.Event(nil), m.events[m.first:]...), m.events[:m.first]...)
}

// EventsByType returns the events of one type, the oldest first. The slice is
// the caller's.
func (m *Memory) EventsByType(eventType string) []events.Event {
	var of []events.Event
	for _, e := range m.Events() {
		if e.Type() == eventType {
			of = append(of, e)
		}
	}
	return of
}

// Clear forgets all events.
func (m *Memory) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events, m.first = nil, 0
}

// Len returns how many events are kept.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.events)
}
