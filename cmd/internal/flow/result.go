package flow

import (
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// A Result is what became of a block of lines.
type Result struct {
	Block input.Block

	Lines   int64                // how many there were
	Bad     int64                // how many were invalid
	Invalid []events.SyntaxError // the first of these, lines counted from the block's start
	Stopped bool                 // at an invalid line, at the limit, or where it was cut
	Cut     bool                 // at an event of which it cannot be told whether it is wanted

	Failures []Failure // of asking whether events are wanted

	// Where events are recovered: how many lines were damaged, how many events were
	// recovered from them, and how many were too long for that. What is left is invalid.
	Damaged, Recovered, Long int64
}

// A Failure is an error of asking whether events are wanted.
type Failure struct {
	Err    error
	Events int64 // that had it
	Line   int64 // of the first, counted from the block's start
	Why    error // what was wrong with the first
}
