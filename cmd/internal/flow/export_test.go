package flow

import "time"

// ProgressLeft is how long the rest takes after so many bytes in some time.
func ProgressLeft(read, total int64, took time.Duration) time.Duration {
	return progress{read, total, took}.left()
}

// ProgressLine is what is shown then in so many columns.
func ProgressLine(read, total int64, took time.Duration, columns int) string {
	return progress{read, total, took}.line(columns)
}
