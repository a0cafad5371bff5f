package marks

import "bytes"

// Quote returns the index of the first quote in text that is not escaped, or len(text) if
// there is none. The first byte is not escaped.
func Quote(text []byte) int {
	blocks := len(text) / 64
	if blocks == 0 || set == Words {
		return quote(text)
	}
	at, escaped := quoteVectors(&text[0], blocks)
	if at < blocks*64 {
		return at
	}
	if at += int(escaped); at >= len(text) {
		return len(text)
	}
	return at + quote(text[at:])
}

// quote is Quote for any machine.
func quote(text []byte) int {
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		escapes := 0
		for i += n; escapes < i && text[i-1-escapes] == '\\'; escapes++ {
		}
		if escapes%2 == 0 {
			return i
		}
	}
}
