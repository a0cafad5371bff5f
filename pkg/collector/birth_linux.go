package collector

import (
	"time"

	"golang.org/x/sys/unix"
)

// birth returns when an open file was created, if the file system records that.
func birth(h handle) (time.Time, bool) {
	var st unix.Statx_t
	err := unix.Statx(int(h.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return time.Time{}, false
	}
	return time.Unix(st.Btime.Sec, int64(st.Btime.Nsec)), true
}
