package stats

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// A name is a JSON value by which events are counted, in an encoding that is the same for
// equal strings, and cut to MaxName. The name of an absent or null value is empty.

// appendName appends the length of the name of v, then the name.
func appendName(dst []byte, s *events.Scanner, v events.Value) []byte {
	start := len(dst)
	dst = append(dst, 0, 0)
	switch kind := v.Kind(); {
	case kind == events.Absent || kind == events.Null:
		return dst
	case len(v) > MaxName:
		dst = appendString(dst, cut(s.Text(v)))
	case kind == events.String && bytes.IndexByte(v, '\\') >= 0:
		dst = appendString(dst, s.Text(v))
	default:
		dst = append(dst, v...)
	}
	binary.LittleEndian.PutUint16(dst[start:], uint16(len(dst)-start-2))
	return dst
}

// appendID appends the length and the name of a call id. The number 7 and the string "7"
// are the same id.
func appendID(dst []byte, s *events.Scanner, id events.Value) []byte {
	if id.Kind() == events.String {
		return appendName(dst, s, id)
	}
	start := len(dst)
	dst = appendString(append(dst, 0, 0), cut(id))
	binary.LittleEndian.PutUint16(dst[start:], uint16(len(dst)-start-2))
	return dst
}

// cutName returns the first name in notes and the rest.
func cutName(notes []byte) (name, rest []byte) {
	end := 2 + int(binary.LittleEndian.Uint16(notes))
	return notes[2:end:end], notes[end:]
}

// cut returns text, or if it is longer than MaxName, as many whole characters as fit and
// an ellipsis.
func cut(text []byte) []byte {
	if len(text) <= MaxName {
		return text
	}
	end := MaxName
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return append(text[:end:end], "…"...)
}

// appendString appends text as a JSON string, escaping only what must be escaped.
func appendString(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < ' ':
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&0xf])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
