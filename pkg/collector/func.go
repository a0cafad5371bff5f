package collector

import "auditctl/pkg/events"

// A Func is a Collector that calls itself with each event. It must be safe for
// concurrent use, and not keep the bytes of the event. It has nothing to flush or
// to close.
type Func func(e events.Event) error

// Emit calls f.
func (f Func) Emit(e events.Event) error { return f(e) }

// Flush does nothing.
func (f Func) Flush() error { return nil }
