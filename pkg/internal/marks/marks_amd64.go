package marks

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// markAVX2 is mark without checks of bounds.
//
//go:noescape
func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)
