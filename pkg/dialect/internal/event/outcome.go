package event

import (
	"math"

	"auditctl/pkg/events"
)

// An Outcome is how a call ended.
type Outcome uint8

const (
	Ended Outcome = iota // unknown
	Succeeded
	Failed
	Interrupted
	Denied
)

// Status is what a call that completed so has as its status.
func (o Outcome) Status() string {
	switch o {
	case Succeeded:
		return "success"
	case Interrupted:
		return "interrupted"
	}
	return "ended"
}

// Milliseconds returns a duration, a number of units of so many milliseconds, and 0 and
// false if v is none.
func Milliseconds(v events.Value, unit float64) (ms float64, ok bool) {
	n, ok := v.Float()
	ms = n * unit
	if !ok || ms < 0 || math.IsInf(ms, 0) {
		return 0, false
	}
	return ms, true
}

func OutcomeOf(status events.Value) Outcome {
	switch string(status) {
	case `"completed"`, `"success"`:
		return Succeeded
	case `"failed"`, `"error"`:
		return Failed
	case `"declined"`:
		return Denied
	}
	return Ended
}

func BoolOutcome(success events.Value) Outcome {
	switch string(success) {
	case "true":
		return Succeeded
	case "false":
		return Failed
	}
	return Ended
}

func ExitOutcome(code events.Value) Outcome {
	switch {
	case code.Kind() != events.Number:
		return Ended
	case string(code) == "0":
		return Succeeded
	}
	return Failed
}
