package marks

import "math/bits"

// isEscape holds the characters that a backslash may precede, but for u and for the slash,
// which need not have one, and isHex those that follow u.
var (
	isEscape = [256]bool{'"': true, '\\': true, 'b': true, 'f': true, 'n': true, 'r': true, 't': true}
	isHex    = [256]bool{
		'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
		'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true,
		'A': true, 'B': true, 'C': true, 'D': true, 'E': true, 'F': true,
	}
)

// AfterEscapes returns the index of the first special byte of line at or after i that is
// no part of an escape as JSON has them, or len(line) if there is none. The byte at i is
// not escaped.
func (w *Window) AfterEscapes(line []byte, i int) int {
	for {
		word := uint(i-w.start) / 64
		if word >= uint(w.words) {
			if i >= len(line) {
				return len(line)
			}
			w.Fill(line, i)
			continue
		}
		start := i &^ 63
		marks := w.marks[word] >> (uint(i) % 64) << (uint(i) % 64)
		for i = start + 64; marks != 0; {
			at := start + bits.TrailingZeros64(marks)
			if at+1 >= len(line) || line[at] != '\\' {
				return at
			}
			if isEscape[line[at+1]] {
				i = max(i, at+2)
			} else if isUnicode(line[at+1:]) {
				i = max(i, at+6)
				if line[at+2] == '0' && line[at+3] == '0' && '2' <= line[at+4] && line[at+4] <= '7' {
					w.Needless = true
				}
			} else if line[at+1] == '/' {
				i = max(i, at+2)
				w.Needless = true
			} else {
				return at
			}
			marks &^= 3 << (uint(at) % 64)
		}
	}
}

// isUnicode reports whether text begins with u and four hexadecimal digits.
func isUnicode(text []byte) bool {
	return len(text) >= 5 && text[0] == 'u' && isHex[text[1]] && isHex[text[2]] && isHex[text[3]] && isHex[text[4]]
}
