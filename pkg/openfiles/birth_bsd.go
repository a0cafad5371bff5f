//go:build darwin || freebsd || netbsd

package openfiles

import (
	"os"
	"syscall"
)

// birthOf returns when an open file was created, in nanoseconds since 1970, or 0 if the
// system does not say.
func birthOf(_ *os.File, st os.FileInfo) int64 {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return max(0, sys.Birthtimespec.Nano())
	}
	return 0
}

// birthAt is birthOf for the file at a path.
func birthAt(_ string, st os.FileInfo) int64 { return birthOf(nil, st) }
