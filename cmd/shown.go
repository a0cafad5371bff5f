package cmd

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file decides how text is shown, by the views and in messages: what of it is
// escaped, and when it needs quotes.

// shownText returns text as it is shown without a limit to its width, and without
// quotes.
func shownText(text string) string {
	var l textLine
	l.start(nil, 0)
	l.escaped([]byte(text), 0)
	return string(l.dst)
}

// shortened returns the beginning of a text that may be long.
func shortened(text string) string {
	const limit = 300 // bytes
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}

// readable shows a name of a log in a message, in quotes where it is not one word.
func readable(text string) string {
	text = shortened(text)
	if quote := quoteFor([]byte(text)); quote != 0 {
		return string(quote) + text + string(quote)
	}
	return text
}

// quoteFor returns the quote that text needs to be told from what stands around
// it, 0 where it needs none.
func quoteFor(text []byte) byte {
	has := func(c byte) bool { return bytes.IndexByte(text, c) >= 0 }
	switch {
	case has('"'):
		return '\''
	case len(text) == 0, has(' '), has('='), has('\''):
		return '"'
	}
	return 0
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
		safe = safe && isSafe(r) && !hides(r, first)
	}
	if safe && !piled {
		return ""
	}
	var b strings.Builder
	for len(cluster) > 0 {
		r, size := utf8.DecodeRune(cluster)
		if isSafe(r) && !hides(r, first) && (!piled || r < 0x80) {
			b.WriteRune(r)
		} else {
			b.WriteString(escapeOf(cluster[:size]))
		}
		cluster = cluster[size:]
	}
	return b.String()
}

// escapeOf returns how a character is shown that must be escaped.
func escapeOf(char []byte) string {
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

// isSafe reports whether a terminal only shows r: it neither controls anything
// nor is invisible. The joiners and the selectors of text and emoji style hold
// emoji and scripts together.
func isSafe(r rune) bool {
	switch {
	case r < 0x20, 0x7f <= r && r < 0xa0, r == '\u2028', r == '\u2029', r == utf8.RuneError:
		return false
	case r < 0xa0, r == '\u200c', r == '\u200d', r == '\ufe0e', r == '\ufe0f':
		return true
	}
	return !unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// hides reports whether r is a joiner or selector that cannot be seen in a cluster
// that begins with first: Latin letters are not joined, and of ASCII only the keys
// of a telephone have an emoji style.
func hides(r, first rune) bool {
	switch r {
	case '\u200c', '\u200d':
		return first < 0x300 || first == r
	case '\ufe0e', '\ufe0f':
		return first < 0x80 && !strings.ContainsRune("#*0123456789", first) || first == r
	}
	return false
}
