//go:build !amd64

package events

// mark marks the special bytes of b, in so many words of 64 (at least one), and stops behind
// one with a line feed in it. It returns how many words it filled and the line
// feeds of the last.
func mark(marks []uint64, b []byte, words int) (done int, feeds uint64) {
	return markWords(marks, b, words)
}
