package cmd

import (
	"math"
	"time"
)

// SetPatience sets how long writes in progress, and the whole command, may take after a
// signal. Messages may take any time.
func SetPatience(writes, command time.Duration) {
	grace, patience, screenPatience = 2*writes, command, math.MaxInt64
}

// SetHookPatience sets how long a hook takes at most, for each thing.
func SetHookPatience(d time.Duration) {
	hookInputTime, hookTime, hookEndTime, hookTellTime = d, d, d, d
}

// HelpText returns the help of a command.
var HelpText = helpText

// WithClock returns streams of a run whose clock is after, as time.After is.
func (s Streams) WithClock(after func(time.Duration) <-chan time.Time) Streams {
	s.after = after
	return s
}
