package index

import "time"

// A state is what a log is at some time.
type state struct {
	size    int64
	inode   uint64
	changed time.Time // its change time, which any change of its bytes sets
}

func (s state) equal(other state) bool {
	return s.size == other.size && s.inode == other.inode && s.changed.Equal(other.changed)
}

// A descriptor is an open file.
type descriptor interface{ Fd() uintptr }
