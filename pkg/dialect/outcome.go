package dialect

import (
	"math"

	"auditctl/pkg/events"
)

// An outcome is how a call ended.
type outcome uint8

const (
	ended outcome = iota // unknown
	succeeded
	failed
	interrupted
	denied
)

// status is what a call that completed so has as its status.
func (o outcome) status() string {
	switch o {
	case succeeded:
		return "success"
	case interrupted:
		return "interrupted"
	}
	return "ended"
}

// milliseconds returns a duration, a number of units of so many milliseconds, and 0 and
// false if v is none.
func milliseconds(v events.Value, unit float64) (ms float64, ok bool) {
	n, ok := v.Float()
	ms = n * unit
	if !ok || ms < 0 || math.IsInf(ms, 0) {
		return 0, false
	}
	return ms, true
}

func outcomeOf(status events.Value) outcome {
	switch string(status) {
	case `"completed"`, `"success"`:
		return succeeded
	case `"failed"`, `"error"`:
		return failed
	case `"declined"`:
		return denied
	}
	return ended
}

func boolOutcome(success events.Value) outcome {
	switch string(success) {
	case "true":
		return succeeded
	case "false":
		return failed
	}
	return ended
}

func exitOutcome(code events.Value) outcome {
	switch {
	case code.Kind() != events.Number:
		return ended
	case string(code) == "0":
		return succeeded
	}
	return failed
}
