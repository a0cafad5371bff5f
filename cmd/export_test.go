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

// HelpText returns the help of a command.
var HelpText = helpText
