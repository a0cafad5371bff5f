package openfiles

import (
	"os"

	"golang.org/x/sys/unix"
)

// birthOf returns when an open file was created, in nanoseconds since 1970, or 0 if the
// system does not say.
func birthOf(file *os.File, _ os.FileInfo) int64 {
	return statx(int(file.Fd()), "", unix.AT_EMPTY_PATH)
}

// birthAt is birthOf for the file at a path.
func birthAt(path string, _ os.FileInfo) int64 { return statx(unix.AT_FDCWD, path, 0) }

func statx(dir int, path string, flags int) int64 {
	var st unix.Statx_t
	if err := unix.Statx(dir, path, flags, unix.STATX_BTIME, &st); err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}
