package collector

import (
	"context"
	"errors"
	"io"
	"sync"

	"auditctl/pkg/events"
)

// Composite passes events on to other collectors, its children, in the order
// in which they were added. The zero Composite is ready and has none.
//
// It holds no lock while it calls a child, so a child may itself use the
// Composite, and a slow one does not keep others from Add. Each child sees the
// events of one goroutine in their order; those of several goroutines may reach
// two children in different orders.
type Composite struct {
	mu       sync.Mutex
	children []Collector
	closed   bool
}

// NewComposite returns a Composite with the given children.
func NewComposite(children ...Collector) *Composite {
	return &Composite{children: append([]Collector(nil), children...)}
}

// Add adds a child. It sees the events whose Emit begins from now on. After Close
// it sees none and stays the caller's to close.
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

// FlushContext flushes each child with the context, see [FlushContext]. The first
// that fails ends it.
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

// Close closes every child that can be closed, also those after one that
// fails, and returns their errors joined. It does not wait for an Emit that has
// begun, which may find some children closed.
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
