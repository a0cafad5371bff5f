//go:build unix

package openfiles

import "golang.org/x/sys/unix"

// usualMost leaves half of what the system allows to others.
func usualMost() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return mostOpen
	}
	return int(max(1, min(mostOpen, uint64(limit.Cur)/2)))
}
