// Package collector says where audit events go.
//
// A [Collector] takes events one by one. [Memory] keeps them, [JSONL] writes
// them to a file or stream, one JSON object a line, and [Composite] passes them
// on to others. Those that can take whole blocks of lines at once are
// [LinesCollector]s as well; [EmitLines] works with every Collector.
package collector

import (
	"bytes"
	"errors"

	"auditctl/pkg/events"
)

// A Collector receives audit events. It is safe for concurrent use. Those of
// this package have a Close method as well, and return [ErrClosed] after it.
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
