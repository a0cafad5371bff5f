package event

import (
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

// Beginning returns the first n characters of a string as it is spelled between its
// quotes.
func Beginning(quoted []byte, n int) []byte {
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

// AppendCut appends a string cut to its first n characters.
func AppendCut(dst []byte, s events.Value, n int) []byte {
	return append(append(append(dst, '"'), Beginning(s[1:len(s)-1], n)...), '"')
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
			end := i + 1 + marks.Quote(v[i+1:]) + 1
			dst = cutString(v[i:end], n).AppendSpelled(dst)
			i = end
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

// cutString returns the first n characters of a string. The byte after them, whatever it is, is
// in place of the closing quote, which AppendSpelled does not look at.
func cutString(v events.Value, n int) events.Value {
	return v[:1+len(Beginning(v[1:len(v)-1], n))+1]
}
