package collector

import (
	"context"
	"errors"
	"io"
	"sync"

	"auditctl/pkg/events"
)

// Composite passes events on to other collectors, its children, in the order in which
// they were added. The zero Composite has none and is ready to use.
//
// It holds no lock while it calls a child, so a child may use the Composite, and a slow
// child does not block Add. Each child gets the events of one goroutine in order; the
// events of several goroutines may reach two children in different orders.
type Composite struct {
	mu       sync.Mutex
	children []Collector
	closed   bool
}

// NewComposite returns a Composite of children.
func NewComposite(children ...Collector) *Composite {
	return &Composite{children: append([]Collector(nil), children...)}
}

// Add adds a child. It gets all events whose Emit begins after Add has returned. Once
// the Composite is closed, it gets none, and the caller must close it.
func (c *Composite) Add(child Collector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.children = append(c.children, child)
}

// Emit passes e on to each child. It stops at the first error and returns it: the
// children after that do not get e.
func (c *Composite) Emit(e events.Event) error {
	return c.each(func(child Collector) error { return child.Emit(e) })
}

// EmitLines passes lines on to each child with [EmitLines]. It stops at the first error.
func (c *Composite) EmitLines(lines []byte) error {
	return c.each(func(child Collector) error { return EmitLines(child, lines) })
}

// Flush flushes each child. It stops at the first error.
func (c *Composite) Flush() error {
	return c.each(Collector.Flush)
}

// FlushContext flushes each child with [FlushContext]. It stops at the first error.
func (c *Composite) FlushContext(ctx context.Context) error {
	return c.each(func(child Collector) error { return FlushContext(ctx, child) })
}

func (c *Composite) each(do func(Collector) error) error {
	c.mu.Lock()
	children, closed := c.children, c.closed
	c.mu.Unlock()
	if closed {
		return ErrClosed
	}
	for _, child := range children {
		if err := do(child); err != nil {
			return err
		}
	}
	return nil
}

// Close closes all children that are io.Closers, even after an error, and returns the
// errors joined. It does not wait for an Emit in progress, which may find some children
// closed.
func (c *Composite) Close() error {
	c.mu.Lock()
	children, closed := c.children, c.closed
	c.closed = true
	c.mu.Unlock()
	if closed {
		return nil
	}
	var errs []error
	for _, child := range children {
		if child, ok := child.(io.Closer); ok {
			errs = append(errs, child.Close())
		}
	}
	return errors.Join(errs...)
}
