package marks

// NEON takes 16 bytes at once. All processors have it that Go compiles arm64 for.
const NEON = Words + 1

var sets = []Set{Words, NEON}

// String returns the name of s.
func (s Set) String() string { return [...]string{"words", "NEON"}[s] }

// markVectors is mark without checks of bounds.
//
//go:noescape
func markVectors(marks *uint64, b *byte, words int) (done int, feeds uint64)

// quoteVectors returns the index of the first quote that is not escaped in so many blocks of
// 64 bytes, one at least. If there is none, it returns how many bytes there are, and 1 if
// the byte after them is escaped.
//
//go:noescape
func quoteVectors(b *byte, blocks int) (at int, escaped uint64)
