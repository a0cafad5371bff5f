package dialect

import (
	"bytes"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// beginning returns the first n characters of a string as it is spelled between its
// quotes.
func beginning(quoted []byte, n int) []byte {
	if len(quoted) <= n {
		return quoted
	}
	i := 0
	for ; n > 0 && i < len(quoted); n-- {
		switch c := quoted[i]; {
		case c == '\\' && quoted[i+1] == 'u':
			high := isHighSurrogate(quoted[i+2:])
			if i += 6; high && i+6 <= len(quoted) && quoted[i] == '\\' && quoted[i+1] == 'u' {
				i += 6
			}
		case c == '\\':
			i += 2
		case c < utf8.RuneSelf:
			i++
		default:
			_, size := utf8.DecodeRune(quoted[i:])
			i += size
		}
	}
	return quoted[:i]
}

// isHighSurrogate reports whether four hexadecimal digits are the first half of a
// surrogate pair, D800 to DBFF.
func isHighSurrogate(hex []byte) bool {
	return hex[0]|0x20 == 'd' && (hex[1] == '8' || hex[1] == '9' || hex[1]|0x20 == 'a' || hex[1]|0x20 == 'b')
}

// appendBeginning appends v as the reference writer spells it, at least the first n bytes
// if it has so many.
func appendBeginning(dst []byte, v events.Value, n int) []byte {
	for start, i := len(dst), 0; i < len(v) && len(dst)-start < n; {
		switch c := v[i]; c {
		case '"':
			end := i + 1 + endOfString(v[i+1:])
			dst = append(dst, '"')
			dst = appendUnquoted(dst, beginning(v[i+1:end], n))
			dst = append(dst, '"')
			i = end + 1
		case ',', ':':
			dst = append(dst, c, ' ')
			i++
		case ' ', '\t', '\r', '\n':
			i++
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

// appendUnquoted appends a string as the reference writer spells it, without quotes.
func appendUnquoted(dst, quoted []byte) []byte {
	var buf [256]byte
	spelled := events.Value(append(append(append(buf[:0], '"'), quoted...), '"')).AppendSpelled(nil)
	return append(dst, spelled[1:len(spelled)-1]...)
}

// endOfString returns where the closing quote of a string is.
func endOfString(v []byte) int {
	for i := 0; ; {
		i += bytes.IndexByte(v[i:], '"')
		escapes := 0
		for escapes < i && v[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
		i++
	}
}
