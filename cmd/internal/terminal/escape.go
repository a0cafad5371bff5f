package terminal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Escape returns text with control and invisible characters escaped.
func Escape(text string) string {
	all := make([]byte, 0, len(text))
	for rest, state := []byte(text), -1; len(rest) > 0; {
		if n := PlainRun(rest, 0); n > 0 {
			all = append(all, rest[:n]...)
			rest, state = rest[n:], -1
			continue
		}
		var shown []byte
		shown, rest, _, state = Cluster(rest, 0, state)
		all = append(all, shown...)
	}
	return string(all)
}

// Quote returns the quote that text needs to be recognized as one word among others, 0
// if it needs none.
func Quote(text []byte) byte {
	if len(text) < 32 { // where the loop is faster than four searches
		var all uint8
		for _, c := range text {
			all |= ofQuotes[c]
		}
		if all == 0 && len(text) > 0 {
			return 0
		}
	}
	has := func(c byte) bool { return bytes.IndexByte(text, c) >= 0 }
	switch {
	case has('"'):
		return '\''
	case len(text) == 0, has(' '), has('='), has('\''):
		return '"'
	}
	return 0
}

// ofQuotes has the characters for which text is quoted.
var ofQuotes = [256]uint8{' ': 1, '"': 1, '\'': 1, '=': 1}

// PlainRun returns how many bytes at the start of text are ASCII characters of one column
// each that are shown as they are. They exclude quote, and a character that a combining
// mark may follow.
func PlainRun(text []byte, quote byte) int {
	i := 0
	for quotes := uint64(quote) * ones; i+8 <= len(text) && allPlain(binary.LittleEndian.Uint64(text[i:]), quotes); {
		i += 8
	}
	for i < len(text) && isPlain[text[i]] && text[i] != quote {
		i++
	}
	if i < len(text) && text[i] >= utf8.RuneSelf {
		return max(0, i-1)
	}
	return i
}

// ones and tops have the lowest and the highest bit of each of eight bytes.
const (
	ones = 0x0101010101010101
	tops = 0x8080808080808080
)

// allPlain reports that eight bytes are of a PlainRun, none of them the quote. Borrows and
// carries between bytes only make it say so of fewer.
func allPlain(text, quotes uint64) bool {
	high := text | (text + ones)      // 0x7f and more
	low := (text - 0x20*ones) &^ text // below 0x20
	return (high|low)&tops == 0 && !hasZero(text^quotes)
}

// hasZero reports whether one of eight bytes is zero.
func hasZero(text uint64) bool { return (text-ones)&^text&tops != 0 }

// Cluster returns how the first character of text is shown, if that is not a [PlainRun],
// in how many columns, and the rest of text. state is -1 at the beginning of a text and
// after a PlainRun, otherwise the newState of the call before.
func Cluster(text []byte, quote byte, state int) (shown, rest []byte, columns, newState int) {
	shown, rest, columns, newState = uniseg.FirstGraphemeCluster(text, state)
	if escaped := escapeCluster(shown, quote); escaped != "" {
		shown, columns = []byte(escaped), len(escaped)
	}
	return shown, rest, columns, newState
}

// isPlain has the ASCII characters that take a column.
var isPlain = func() (plain [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		plain[c] = true
	}
	return plain
}()

// escapeCluster returns how a cluster is escaped, or "" if it need not be.
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

// escapeChar returns the escape of a character.
func escapeChar(char []byte) string {
	r, size := utf8.DecodeRune(char)
	switch {
	case r == utf8.RuneError && size == 1: // so that different file names look different
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

// maxCluster is the most characters that a cluster of any script, or an emoji, has.
const maxCluster = 16

// isPile reports whether a cluster is one that nobody can read, and that terminals show
// in other widths than uniseg counts: many marks, or a skin tone on what is not an emoji.
func isPile(cluster []byte) bool {
	first, _ := utf8.DecodeRune(cluster)
	isTone := func(r rune) bool { return 0x1f3fb <= r && r <= 0x1f3ff }
	return utf8.RuneCount(cluster) > maxCluster ||
		(first < 0x2190 || isTone(first)) && bytes.ContainsFunc(cluster, isTone)
}

// shows reports whether a terminal only shows r, and visibly so if r belongs to base.
func shows(r, base rune) bool { return Safe(r) && !hides(r, base) }

// Safe reports whether a terminal only shows r: it is neither a control character nor
// invisible. Joiners and the selectors of text and emoji style are safe, as scripts and
// emoji need them.
func Safe(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0, r == '\u2028', r == '\u2029', r == utf8.RuneError:
		return false
	case r < 0xa0, r == '\u200c', r == '\u200d', r == '\ufe0e', r == '\ufe0f':
		return true
	}
	return !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// hides reports whether r is a joiner or selector without effect on base, and so
// invisible: Latin letters are not joined, and of ASCII only the keys of a telephone
// have an emoji style.
func hides(r, base rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return base < 0x300 || base == r
	case '\ufe0e', '\ufe0f':
		return base < 0x80 && !strings.ContainsRune("#*0123456789", base) || base == r
	}
	return false
}
