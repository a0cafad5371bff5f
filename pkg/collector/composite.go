package collector

import (
	"errors"
	"io"
	"sync"

	"auditctl/pkg/events"
)

// Composite passes events on to other collectors, its children, in the order
// in which they were added. All children see all events in the same order. The
// zero Composite is ready and has none.
type Composite struct {
	mu       sync.Mutex
	children []Collector
	closed   bool
}

// NewComposite returns a Composite with the given children.
func NewComposite(children ...Collector) *Composite {
	return &Composite{children: append([]Collector(nil), children...)}
}

// Add adds a child. It sees the events that come from now on. After Close it
// sees none and stays the caller's to close.
func (c *Composite) Add(child Collector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.children = append(c.children, child)
}

// Emit passes e on to each child. The first that fails ends it: those after it
// do not see e.
func (c *Composite) Emit(e events.Event) error {
	return c.each(func(child Collector) error { return child.Emit(e) })
}

// EmitLines passes lines on to each child, see [EmitLines]. The first that
// fails ends it.
func (c *Composite) EmitLines(lines []byte) error {
	return c.each(func(child Collector) error { return EmitLines(child, lines) })
}

// Flush flushes each child. The first that fails ends it.
func (c *Composite) Flush() error {
	return c.each(Collector.Flush)
}

func (c *Composite) each(do func(Collector) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	for _, child := range c.children {
		if err := do(child); err != nil {
			return err
		}
	}
	return nil
}

// Close closes every child that can be closed, also those after one that
// fails, and returns their errors joined.
func (c *Composite) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	var errs []error
	for _, child := range c.children {
		if child, ok := child.(io.Closer); ok {
			errs = append(errs, child.Close())
		}
	}
	return errors.Join(errs...)
}
