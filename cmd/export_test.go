package cmd

import (
	"math"
	"time"
)

// SetPatience sets how long after a signal writes that were begun may take, and
// how long the command may. A message may take as long as it does.
func SetPatience(writes, command time.Duration) {
	grace, patience, screenPatience = 2*writes, command, math.MaxInt64
}
