//go:build !unix

package openfiles

// usualMost is not limited by the system.
func usualMost() int { return mostOpen }
