package marks

import "golang.org/x/sys/cpu"

var hasAVX2 = cpu.X86.HasAVX2

// markAVX2 is mark without checks of bounds.
//
//go:noescape
func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)

// quoteAVX2 returns the index of the first quote that is not escaped in so many blocks of
// 64 bytes, one at least. If there is none, it returns how many bytes there are, and 1 if
// the byte after them is escaped.
//
//go:noescape
func quoteAVX2(b *byte, blocks int) (at int, escaped uint64)
