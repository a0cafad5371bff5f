package terminal

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Escape returns text with everything escaped that could drive the terminal or hide.
func Escape(text string) string {
	shown := make([]byte, 0, len(text))
	for p := NewPieces([]byte(text), 0); p.Next(); {
		shown = append(shown, p.Shown...)
	}
	return string(shown)
}

// Quote returns the quote that text needs to be recognized as one word among
// others, 0 where it needs none.
func Quote(text []byte) byte {
	has := func(c byte) bool { return bytes.IndexByte(text, c) >= 0 }
	switch {
	case has('"'):
		return '\''
	case len(text) == 0, has(' '), has('='), has('\''):
		return '"'
	}
	return 0
}

// Pieces are the parts of a text, one after the other, as they are shown.
type Pieces struct {
	Shown   []byte // valid as long as the text is
	Columns int    // how many of the terminal it takes
	Plain   bool   // it is ASCII characters of one column each; else it must stay whole

	rest  []byte
	quote byte
	state int
}

// NewPieces returns the pieces of text, in which a quote is escaped; 0 for none.
func NewPieces(text []byte, quote byte) Pieces {
	return Pieces{rest: text, quote: quote, state: -1}
}

// Next goes on to the next piece, and reports whether there is one.
func (p *Pieces) Next() bool {
	if len(p.rest) == 0 {
		return false
	}
	if n := plainRun(p.rest, p.quote); n > 0 {
		p.Shown, p.rest = p.rest[:n], p.rest[n:]
		p.Columns, p.Plain, p.state = n, true, -1
		return true
	}
	p.Plain = false
	p.Shown, p.rest, p.Columns, p.state = uniseg.FirstGraphemeCluster(p.rest, p.state)
	if escaped := escapeCluster(p.Shown, p.quote); escaped != "" {
		p.Shown, p.Columns = []byte(escaped), len(escaped)
	}
	return true
}

// plainRun returns how many bytes of text are characters of one column each that
// are shown as they are. What a mark may follow is not among them.
func plainRun(text []byte, quote byte) int {
	i := 0
	for i < len(text) && isPlain[text[i]] && text[i] != quote {
		i++
	}
	if i < len(text) && text[i] >= utf8.RuneSelf {
		return max(0, i-1)
	}
	return i
}

// isPlain holds the ASCII characters that take a column.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		plain[c] = true
	}
	return plain
}()

// escapeCluster returns how a cluster is shown if it must be escaped.
func escapeCluster(cluster []byte, quote byte) string {
	if string(cluster) == string(quote) && quote != 0 {
		return `\` + string(quote)
	}
	first, _ := utf8.DecodeRune(cluster)
	piled, safe := isPile(cluster), true
	for _, r := range string(cluster) {
		safe = safe && shows(r, first)
	}
	if safe && !piled {
		return ""
	}
	var b strings.Builder
	for len(cluster) > 0 {
		r, size := utf8.DecodeRune(cluster)
		if shows(r, first) && (!piled || r < 0x80) {
			b.WriteRune(r)
		} else {
			b.WriteString(escapeChar(cluster[:size]))
		}
		cluster = cluster[size:]
	}
	return b.String()
}

// escapeChar returns how a character is shown that must be escaped.
func escapeChar(char []byte) string {
	r, size := utf8.DecodeRune(char)
	switch {
	case r == utf8.RuneError && size == 1: // names of files with different bytes differ
		return fmt.Sprintf(`\x%02x`, char[0])
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r < 0x10000:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// maxCluster is how many characters a cluster of any script or family has at most.
const maxCluster = 16

// isPile reports whether a cluster is none that anybody reads, and that terminals
// show in other widths than counted: a heap of marks, or a tone of skin on what is
// no emoji.
func isPile(cluster []byte) bool {
	first, _ := utf8.DecodeRune(cluster)
	isTone := func(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }
	return utf8.RuneCount(cluster) > maxCluster ||
		(first < 0x2190 || isTone(first)) && bytes.ContainsFunc(cluster, isTone)
}

// shows reports whether a terminal only shows r, and so that it can be seen, where it
// belongs to base.
func shows(r, base rune) bool { return Safe(r) && !hides(r, base) }

// Safe reports whether a terminal only shows r: it neither controls anything
// nor is invisible. The joiners and the selectors of text and emoji style hold
// emoji and scripts together.
func Safe(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0, r == '\u2028', r == '\u2029', r == utf8.RuneError:
		return false
	case r < 0xa0, r == '\u200c', r == '\u200d', r == '\ufe0e', r == '\ufe0f':
		return true
	}
	return !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// hides reports whether r is a joiner or selector that cannot be seen where it
// belongs to base: Latin letters are not joined, and of ASCII only the keys
// of a telephone have an emoji style.
func hides(r, base rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return base < 0x300 || base == r
	case '\ufe0e', '\ufe0f':
		return base < 0x80 && !strings.ContainsRune("#*0123456789", base) || base == r
	}
	return false
}
