package events

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// mark marks the special bytes of b, in so many words of 64 (at least one), and stops behind
// one with a line feed in it. It returns how many words it filled and the line
// feeds of the last.
func mark(marks []uint64, b []byte, words int) (done int, feeds uint64) {
	if !hasAVX2 {
		return markWords(marks, b, words)
	}
	_, _ = marks[words-1], b[words*64-1]
	return markAVX2(&marks[0], &b[0], words)
}

// markAVX2 is mark.
//
//go:noescape
func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)
