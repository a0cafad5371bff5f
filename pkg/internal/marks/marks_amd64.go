package marks

import "golang.org/x/sys/cpu"

// AVX2 takes 32 bytes at once.
const AVX2 = Words + 1

var sets = available()

// available returns the sets that this machine has.
func available() []Set {
	sets := []Set{Words}
	if cpu.X86.HasAVX2 {
		sets = append(sets, AVX2)
	}
	return sets
}

// String returns the name of s.
func (s Set) String() string { return [...]string{"words", "AVX2"}[s] }

// markVectors is mark without checks of bounds, for the sets of this file.
func markVectors(marks *uint64, b *byte, words int) (done int, feeds uint64) {
	return markAVX2(marks, b, words)
}

// quoteVectors returns the index of the first quote that is not escaped in so many blocks of
// 64 bytes, one at least. If there is none, it returns how many bytes there are, and 1 if
// the byte after them is escaped.
func quoteVectors(b *byte, blocks int) (at int, escaped uint64) { return quoteAVX2(b, blocks) }

//go:noescape
func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)

//go:noescape
func quoteAVX2(b *byte, blocks int) (at int, escaped uint64)
