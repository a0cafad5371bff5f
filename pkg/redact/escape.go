package redact

import (
	"bytes"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// appendDecoded appends what the text between the quotes of a string says. It knows the
// escapes of JSON and of Python. One that is none, or cut off, is passed on as it is.
func appendDecoded(dst, quoted []byte) []byte {
	for {
		i := bytes.IndexByte(quoted, '\\')
		if i < 0 {
			return append(dst, quoted...)
		}
		dst = append(dst, quoted[:i]...)
		r, size := decodeEscape(quoted[i:])
		dst = utf8.AppendRune(dst, r)
		quoted = quoted[i+size:]
	}
}

// decodeEscape returns the character of the escape that b, which begins with a backslash,
// begins with, and how many bytes spell it. Half a surrogate pair is U+FFFD.
func decodeEscape(b []byte) (r rune, size int) {
	if len(b) == 1 {
		return '\\', 1
	}
	switch c := b[1]; c {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case '"', '\\', '/', '\'':
		return rune(c), 2
	case 'x':
		if r, ok := hexRune(b[2:], 2); ok {
			return r, 4
		}
	case 'U':
		if r, ok := hexRune(b[2:], 8); ok {
			return r, 10
		}
	case 'u':
		r, ok := hexRune(b[2:], 4)
		if !ok {
			break
		}
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hexRune(b[8:], 4); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return pair, 12
				}
			}
		}
		return r, 6
	}
	return '\\', 1
}

// hexRune returns the number that the first n bytes of b spell in hexadecimal digits.
func hexRune(b []byte, n int) (r rune, ok bool) {
	if len(b) < n {
		return 0, false
	}
	for _, c := range b[:n] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20-'a' <= 5:
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// hasEscape reports whether text has an escape.
func hasEscape(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		if _, size := decodeEscape(text[i:]); size > 1 {
			return true
		}
		text = text[i+1:]
	}
}

// hasNeedless reports whether text may have a character of ASCII spelled with an escape that
// it does not need, at any depth of strings in strings.
func hasNeedless(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return false
		}
		switch r, size := decodeEscape(text[i:]); {
		case size == 1, ' ' > r && r >= 0, r == '"', r == '\\' && size == 2, r == '\'', r >= utf8.RuneSelf:
		default:
			return true
		}
		text = text[i+1:]
	}
}

// appendLower appends text in lower case. No character becomes one of ASCII that was none.
func appendLower(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c-'A' <= 'Z'-'A':
			dst = append(dst, c|0x20)
		case c < utf8.RuneSelf:
			dst = append(dst, c)
		default:
			r, size := utf8.DecodeRune(text[i:])
			if l := unicode.ToLower(r); l >= utf8.RuneSelf && r != utf8.RuneError {
				dst = utf8.AppendRune(dst, l)
			} else {
				dst = append(dst, text[i:i+size]...)
			}
			i += size
			continue
		}
		i++
	}
	return dst
}
