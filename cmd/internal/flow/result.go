package flow

import (
	"auditctl/cmd/internal/input"
	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/redact"
)

// A Result says what became of a block of lines.
type Result struct {
	Block input.Block

	Lines   int64                // how many there were
	Bad     int64                // how many were invalid
	Events  int64                // how many were events
	Untyped []byte               // the first that is JSON without an event_type, nil if none is
	Invalid []events.SyntaxError // the first of these, lines counted from the block's start
	Stopped bool                 // at an invalid line, at the limit, or where it was cut
	Cut     bool                 // at an event that no outlet could decide about in time

	// How many of the invalid ones were records of another dialect than was expected, and
	// the first. They are not in Invalid.
	Unknown      int64
	FirstUnknown *dialect.Origin

	Redacted []redact.Count // what was taken out of lines

	Failures []Failure // of outlets that could not decide whether they want an event

	// If events are recovered: how many lines were damaged, how many events were
	// recovered from them, and how many lines were too long for that. The rest is
	// invalid.
	Damaged, Recovered, Long int64
}

// A Failure is an error of an outlet that could not decide whether it wants an event.
type Failure struct {
	Err    error
	Events int64 // that had it
	Line   int64 // of the first, counted from the block's start
	Why    error // what was wrong with the first
}
