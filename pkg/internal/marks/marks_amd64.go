package marks

import "golang.org/x/sys/cpu"

// AVX2 takes 32 bytes at once, AVX512 64. BMI1 and BMI2 are there with both.
const (
	AVX2 = Words + 1 + iota
	AVX512
)

var sets = available()

// available returns the sets that this machine and its system have.
func available() []Set {
	x86 := &cpu.X86
	sets := []Set{Words}
	if !x86.HasAVX2 || !x86.HasBMI1 || !x86.HasBMI2 {
		return sets
	}
	if sets = append(sets, AVX2); x86.HasAVX512F && x86.HasAVX512BW {
		sets = append(sets, AVX512)
	}
	return sets
}

// String returns the name of s.
func (s Set) String() string { return [...]string{"words", "AVX2", "AVX-512"}[s] }

// markVectors is mark without checks of bounds, for the sets of this file.
func markVectors(marks *uint64, b *byte, words int) (done int, feeds uint64) {
	if set == AVX512 {
		return markAVX512(marks, b, words)
	}
	return markAVX2(marks, b, words)
}

// quoteVectors returns the index of the first quote that is not escaped in so many blocks of
// 64 bytes, one at least. If there is none, it returns how many bytes there are, and 1 if
// the byte after them is escaped. It is AVX2 for both sets: AVX-512 is no faster there.
//
//go:noescape
func quoteVectors(b *byte, blocks int) (at int, escaped uint64)

//go:noescape
func markAVX2(marks *uint64, b *byte, words int) (done int, feeds uint64)

//go:noescape
func markAVX512(marks *uint64, b *byte, words int) (done int, feeds uint64)
