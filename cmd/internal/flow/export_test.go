package flow

import "time"

// ProgressLeft returns how long the rest takes, after read bytes of total.
func ProgressLeft(read, total int64, took time.Duration) time.Duration {
	return progress{read, total, took}.left()
}

// ProgressLine returns what is then shown in so many columns.
func ProgressLine(read, total int64, took time.Duration, columns int) string {
	return progress{read, total, took}.line(columns)
}
