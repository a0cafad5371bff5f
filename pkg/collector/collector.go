// Package collector defines where audit events go.
//
// A [Collector] takes events one by one. [Memory] keeps them, [JSONL] writes them to a
// file or stream, one JSON object a line, and [Composite] passes them on to several
// others. [Filter] and [Map] return Collectors that select or change events and pass them
// on, and [Func] turns a function into a Collector.
//
// Collectors that can take blocks of lines at once are [LinesCollector]s as well, and
// those whose Flush may take long are [ContextFlusher]s. [EmitLines] and [FlushContext]
// work with every Collector.
package collector

import (
	"bytes"
	"context"
	"errors"

	"auditctl/pkg/events"
)

// A Collector receives audit events. It must be safe for concurrent use. Those of this
// package, except Func, also have a Close method, and return [ErrClosed] afterwards.
type Collector interface {
	// Emit records e. It does not keep the bytes of e, so the caller may reuse
	// them when it returns. The event may be buffered until Flush.
	Emit(e events.Event) error

	// Flush passes on to the destination what was recorded so far.
	Flush() error
}

// A LinesCollector is a Collector that takes whole blocks of lines, at little more than
// the cost of one event.
type LinesCollector interface {
	Collector

	// EmitLines records lines in order and unchanged; they need not be events.
	// Each ends with a line feed, except that a line may come in pieces. It does
	// not keep the bytes, so the caller may reuse them when it returns.
	EmitLines(lines []byte) error
}

// A ContextFlusher is a Collector whose Flush can be canceled.
type ContextFlusher interface {
	Collector

	// FlushContext is Flush, but returns the cause of ctx when that is done.
	// Nothing is lost: the next Flush continues.
	FlushContext(ctx context.Context) error
}

// ErrClosed is returned by collectors that were closed.
var ErrClosed = errors.New("collector is closed")

// EmitLines emits lines, each ended by a line feed, to c: at once if c is a
// [LinesCollector], else event by event. In the latter case it skips blank lines, and at
// a line that is not an event it stops and returns a [*events.SyntaxError].
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

// FlushContext flushes c. It returns the cause of ctx if that is done at the start, or
// if c is a [ContextFlusher], as soon as it is done.
func FlushContext(ctx context.Context, c Collector) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if c, ok := c.(ContextFlusher); ok {
		return c.FlushContext(ctx)
	}
	return c.Flush()
}
