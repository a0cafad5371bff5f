package collector

import "auditctl/pkg/events"

// A Func is a function as a Collector. It must be safe for concurrent use and must not
// keep the bytes of the event.
type Func func(e events.Event) error

// Emit calls f.
func (f Func) Emit(e events.Event) error { return f(e) }

// Flush does nothing.
func (f Func) Flush() error { return nil }
