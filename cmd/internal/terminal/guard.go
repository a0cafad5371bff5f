package terminal

import (
	"fmt"
	"io"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// A guard writes lines to a terminal and escapes control and invisible characters.
// Inside JSON strings it uses JSON escapes, so that an event stays the same event; what
// no event can contain is escaped as in messages. Bytes may come in pieces of any size:
// a character that depends on the next piece is held back, but never beyond its line.
type guard struct {
	w       io.Writer
	in, out []byte

	inString, escaping bool // inside a JSON string; after a backslash in it
	base               rune // to which the next mark or joiner belongs
}

// Guard returns a Writer of lines to w: w itself unless it is a terminal. For a terminal,
// control and invisible characters are escaped, in such a way that an event stays the
// same event.
func Guard(w io.Writer) io.Writer {
	if Is(w) {
		return &guard{w: w}
	}
	return w
}

// guardedAtOnce is how many bytes a guard escapes at a time, so that a huge line does
// not take memory of its size.
const guardedAtOnce = 16 << 10

func (g *guard) Write(p []byte) (written int, err error) {
	for written < len(p) {
		n := min(guardedAtOnce, len(p)-written)
		g.in = append(g.in, p[written:written+n]...)
		out, used := g.escape(g.out[:0], g.in)
		g.in = g.in[:copy(g.in, g.in[used:])]
		g.out = out
		if _, err := g.w.Write(out); err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// escape appends text as it is shown, and returns how many bytes of it were used: all
// but an incomplete character, or a CR that a line feed may follow.
func (g *guard) escape(dst, text []byte) (shown []byte, used int) {
	for used < len(text) {
		rest := text[used:]
		r, size := utf8.DecodeRune(rest)
		switch c := rest[0]; {
		case isPlain[c], c == '\t', c == '\n':
			g.follow(c)
			dst = append(dst, c)
		case c == '\r' && len(rest) == 1, !utf8.FullRune(rest):
			return dst, used
		case c == '\r' && rest[1] == '\n':
			dst = append(dst, c)
		case shows(r, g.base):
			g.escaping = false
			dst = append(dst, rest[:size]...)
			if !unicode.Is(unicode.M, r) && r != '\u200c' && r != '\u200d' {
				g.base = r
			}
		case g.inString && r >= 0x7f && (r != utf8.RuneError || size > 1):
			dst = appendJSONEscape(dst, r)
			g.escaping, g.base = false, 0
		default:
			dst = append(dst, escapeChar(rest[:size])...)
			g.escaping, g.base = false, 0
		}
		used += size
	}
	return dst, used
}

// follow keeps track of where strings begin and end, at the latest with their line.
func (g *guard) follow(c byte) {
	switch {
	case c == '\n':
		g.inString, g.escaping = false, false
	case g.escaping:
		g.escaping = false
	case c == '\\':
		g.escaping = g.inString
	case c == '"':
		g.inString = !g.inString
	}
	g.base = rune(c)
}

// appendJSONEscape appends the escape of r in a JSON string.
func appendJSONEscape(dst []byte, r rune) []byte {
	for _, unit := range utf16.AppendRune(nil, r) {
		dst = fmt.Appendf(dst, `\u%04x`, unit)
	}
	return dst
}

// EscapeJSON returns a JSON value as Guard shows it.
func EscapeJSON(data []byte) []byte {
	shown, _ := new(guard).escape(nil, data)
	return shown
}
