//go:build !linux

package collector

import "time"

// birth returns false: here it is not known when a file was created.
func birth(handle) (time.Time, bool) { return time.Time{}, false }
