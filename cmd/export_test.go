package cmd

import "time"

// SetPatience sets how long writes in progress, and the whole command, may take after a
// signal, or after the end of what is recorded, and how long messages may take.
func SetPatience(writes, command, messages time.Duration) {
	grace, patience, screenPatience = 2*writes, command, messages
	mcpGrace, mcpPatience, mcpLastPatience = 2*writes, command, messages
}

// SetHookPatience sets how long a hook takes at most, for each thing, and what it leaves of
// that to a destination before it puts events into a spool.
func SetHookPatience(d, spool time.Duration) {
	hookInputTime, hookTime, hookEndTime, hookTellTime = d, d, d, d
	hookSpoolTime = spool
}

// HelpText returns the help of a command.
var HelpText = helpText

// WithClock returns streams of a run whose clock is after, as time.After is.
func (s Streams) WithClock(after func(time.Duration) <-chan time.Time) Streams {
	s.after = after
	return s
}
