package cmd

import (
	"math"
	"time"
)

// ProgressLeft is how long the rest takes after so many bytes in some time.
func ProgressLeft(read, total int64, took time.Duration) time.Duration {
	return progress{read, total, took}.left()
}

// ProgressLine is what is shown then in so many columns.
func ProgressLine(read, total int64, took time.Duration, columns int) string {
	return progress{read, total, took}.line(columns)
}

// SetPatience sets how long after a signal writes that were begun may take, and
// how long the command may. A message may take as long as it does.
func SetPatience(writes, command time.Duration) {
	grace, patience, screenPatience = 2*writes, command, math.MaxInt64
}
