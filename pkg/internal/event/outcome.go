package event

import (
	"math"
	"time"

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

// Milliseconds returns the duration that v is, a number of units of so many milliseconds,
// and 0 and false if it is none.
func Milliseconds(v events.Value, unit float64) (ms float64, ok bool) {
	n, ok := v.Float()
	ms = n * unit
	if !ok || ms < 0 || math.IsInf(ms, 0) {
		return 0, false
	}
	return ms, true
}

// MillisecondsBetween returns how long something took, and 0 and false if one of the times
// is not known or it would have ended before it began.
func MillisecondsBetween(began, ended time.Time) (ms float64, ok bool) {
	if began.IsZero() || ended.IsZero() || ended.Before(began) {
		return 0, false
	}
	return float64(ended.Sub(began)) / float64(time.Millisecond), true
}

// OutcomeOf returns the outcome that the word for a status means.
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

// BoolOutcome returns the outcome of a call that says whether it succeeded.
func BoolOutcome(success events.Value) Outcome {
	switch string(success) {
	case "true":
		return Succeeded
	case "false":
		return Failed
	}
	return Ended
}

// ExitOutcome returns the outcome of a command that ended with an exit code.
func ExitOutcome(code events.Value) Outcome {
	switch {
	case code.Kind() != events.Number:
		return Ended
	case string(code) == "0":
		return Succeeded
	}
	return Failed
}
