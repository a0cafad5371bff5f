//go:build !amd64

package events

// indexSpecial returns the index of the first byte at or after b[i] that ends,
// escapes or breaks a JSON string or is not ASCII: a quote, a backslash, a
// control character or a byte above 0x7f. It returns len(b) if there is none.
func indexSpecial(b []byte, i int) int { return indexSpecialWords(b, i) }
