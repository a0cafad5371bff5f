// Package collector says where audit events go.
//
// A [Collector] takes events one by one. [Memory] keeps them, [JSONL] writes
// them to a file or stream, one JSON object a line, and [Composite] passes them
// on to others. A [Filter] or [Map] before a Collector decides which events it gets
// and what becomes of them, and a [Func] is a Collector made of a function.
//
// Those that can take whole blocks of lines at once are [LinesCollector]s as well;
// [EmitLines] works with every Collector. Those whose Flush may wait for long are
// [ContextFlusher]s; [FlushContext] works with every Collector.
package collector

import (
	"bytes"
	"context"
	"errors"

	"auditctl/pkg/events"
)

// A Collector receives audit events. It is safe for concurrent use. Those of
// this package but Func have a Close method as well, and return [ErrClosed] after
// it.
type Collector interface {
	// Emit records e. The bytes of e belong to the caller again once it
	// returns.
	Emit(e events.Event) error

	// Flush hands what was recorded on to wherever it goes.
	Flush() error
}

// A LinesCollector is a Collector that takes blocks of lines at the cost of one
// event.
type LinesCollector interface {
	Collector

	// EmitLines records lines in their order and as they are; they need not be
	// events. Each is ended by a line feed, but for a line that comes in pieces.
	// The bytes belong to the caller again once it returns.
	EmitLines(lines []byte) error
}

// A ContextFlusher is a Collector whose Flush can be cut short.
type ContextFlusher interface {
	Collector

	// FlushContext is Flush, but when ctx is done it returns the cause of that.
	// Nothing is lost then: the next Flush goes on where this one was.
	FlushContext(ctx context.Context) error
}

// ErrClosed is what collectors return once they were closed.
var ErrClosed = errors.New("collector is closed")

// EmitLines records lines, each ended by a line feed, with c: at once if it is
// a [LinesCollector], else event by event. The latter passes over blank lines
// and stops with a [*events.SyntaxError] at a line that is not an event.
func EmitLines(c Collector, lines []byte) error {
	if c, ok := c.(LinesCollector); ok {
		return c.EmitLines(lines)
	}
	for line := range bytes.Lines(lines) {
		line = bytes.TrimSuffix(line, []byte{'\n'})
		if events.Blank(line) {
			continue
		}
		e, err := events.Parse(line)
		if err != nil {
			return err
		}
		if err := c.Emit(e); err != nil {
			return err
		}
	}
	return nil
}

// FlushContext flushes c. When ctx is done it returns the cause of that, and does not
// wait any longer if c is a [ContextFlusher].
func FlushContext(ctx context.Context, c Collector) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if c, ok := c.(ContextFlusher); ok {
		return c.FlushContext(ctx)
	}
	return c.Flush()
}
