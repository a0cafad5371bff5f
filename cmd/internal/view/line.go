package view

import (
	"slices"
	"unicode/utf8"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
)

// A line is a line under construction, which is never wider than its width.
type line struct {
	faint     style // of keys
	dst       []byte
	left      int // columns
	unlimited bool
	cut       bool
	blanks    int // before what comes next

	last, lastEnd int // where the last thing that takes columns is in dst
	lastWidth     int // how many columns it takes

	// Kept from line to line.
	clock   clock
	chars   terminal.Clusters
	scratch []byte
	found   []member
	keys    []byte
	places  map[string]int // of keys in found, if these are many
}

// start begins a line after dst that takes at most so many columns, or any number if
// width is 0.
func (l *line) start(dst []byte, width int) {
	l.dst, l.left, l.unlimited, l.cut, l.blanks = dst, width, width == 0, false, 0
	l.last, l.lastEnd, l.lastWidth = 0, 0, 0
	l.scratch = bounded.Emptied(l.scratch)
}

// fit appends text to dst as it is shown in so many columns, 0 for any number, and
// returns how many it takes.
func (l *line) fit(dst, text []byte, quoted bool, columns int) (shown []byte, taken int) {
	l.start(dst, columns)
	if quoted {
		taken = l.quoted(text)
	} else {
		taken = l.escaped(text, 0)
	}
	if columns > 0 {
		taken = columns - l.left
	}
	return l.dst, taken
}

// word appends a blank and text in a style, quoted if it could be mistaken for several
// words, and blanks up to a width if more follows.
func (l *line) word(st style, text []byte, width int) {
	l.blanks++
	used := 0
	if len(text) > 0 {
		used = l.styled(st, text)
	}
	l.blanks += max(0, width-used)
}

// styled appends text in a style, in quotes if it needs them, and returns how many
// columns it took.
func (l *line) styled(st style, text []byte) (columns int) {
	if !l.flushBlanks() {
		return 0
	}
	l.dst = append(l.dst, st.on...)
	columns = l.quoted(text)
	l.dst = append(l.dst, st.off...)
	return columns
}

// name appends a blank and a name of at most so many columns, unless the width of the
// line is unlimited, and blanks up to a width if more follows.
func (l *line) name(st style, name []byte, most, width int) {
	l.blanks++
	used := 0
	if len(name) > 0 && l.flushBlanks() {
		left := l.left
		l.left = min(left, most)
		kept := left - l.left
		used = l.styled(st, name)
		if !l.unlimited {
			used = left - kept - l.left
			l.left += kept
			l.cut = l.cut && kept == 0
		}
	}
	l.blanks += max(0, width-used)
}

// phrase appends text in a style, without quotes, and blanks up to a width if more
// follows.
func (l *line) phrase(st style, text string, width int) { l.column(st, l.bytes(text), width) }

// bytes returns a copy of text that may be used until the next thing is appended.
func (l *line) bytes(text string) []byte {
	l.scratch = append(l.scratch[:0], text...)
	return l.scratch
}

// glyphs appends text of characters of one column each, which are shown as they are, and
// returns how many these are.
func (l *line) glyphs(text string) (columns int) {
	columns = utf8.RuneCountInString(text)
	switch {
	case columns == 0:
	case l.unlimited:
		l.dst = append(l.dst, text...)
	case columns <= l.left && !l.cut:
		l.dst = append(l.dst, text...)
		_, size := utf8.DecodeLastRuneInString(text)
		l.left -= columns
		l.last, l.lastEnd, l.lastWidth = len(l.dst)-size, len(l.dst), 1
	default:
		var glyph [utf8.UTFMax]byte
		for _, r := range text {
			l.put(utf8.AppendRune(glyph[:0], r), 1)
		}
	}
	return columns
}

// column is phrase for text that is not a string.
func (l *line) column(st style, text []byte, width int) {
	if !l.flushBlanks() {
		return
	}
	l.dst = append(l.dst, st.on...)
	used := l.escaped(text, 0)
	l.dst = append(l.dst, st.off...)
	l.blanks += max(0, width-used)
}

// literal appends text and returns how many columns it took.
func (l *line) literal(text string) (columns int) {
	return l.escaped(l.bytes(text), 0)
}

// pair appends a key, one of ours, and its value.
func (l *line) pair(key string, val events.Value) {
	if l.unlimited || l.blanks+1+len(key)+1 <= l.left {
		l.blanks++
		l.flushBlanks()
		l.dst = append(append(append(l.dst, l.faint.on...), key...), l.faint.off...)
		l.left -= len(key)
		l.equals()
		l.value(val)
		return
	}
	l.pairOf(l.bytes(key), val)
}

// pairOf appends any key and its value.
func (l *line) pairOf(key []byte, val events.Value) {
	l.blanks++
	l.styled(l.faint, key)
	l.equals()
	l.value(val)
}

// equals appends what is between a key and its value.
func (l *line) equals() {
	l.dst = append(l.dst, l.faint.on...)
	l.putRun([]byte{'='})
	l.dst = append(l.dst, l.faint.off...)
}

// value appends the value of a key.
func (l *line) value(val events.Value) {
	switch {
	case l.cut:
	case val.Kind() == events.String:
		l.scratch = val.AppendText(l.scratch[:0])
		l.quoted(l.scratch)
	default:
		l.escaped(val, 0)
	}
}

// quoted appends text, in quotes if it needs them, and returns how many columns it took.
func (l *line) quoted(text []byte) (columns int) {
	quote := terminal.Quote(text)
	if quote == 0 {
		return l.escaped(text, 0)
	}
	l.putRun([]byte{quote})
	columns = l.escaped(text, quote)
	l.putRun([]byte{quote})
	return columns + 2
}

// flushBlanks appends the blanks that are due, and reports whether there is room for
// more.
func (l *line) flushBlanks() bool {
	for l.blanks > 0 && !l.cut {
		n := min(l.blanks, len(someBlanks))
		l.putRun(someBlanks[:n])
		l.blanks -= n
	}
	return !l.cut
}

var someBlanks = []byte("                                ")

// escaped appends text in which control and invisible characters, and quote, are escaped,
// and returns how many columns it took.
func (l *line) escaped(text []byte, quote byte) (columns int) {
	for state := -1; len(text) > 0 && !l.cut; {
		if n := terminal.PlainRun(text, quote); n > 0 {
			l.putRun(text[:n])
			columns += n
			text, state = text[n:], -1
			continue
		}
		var shown []byte
		var width int
		shown, text, width, state = l.chars.First(text, quote, state)
		l.put(shown, width)
		columns += width
	}
	return columns
}

// putRun appends characters of one column each, as many as fit.
func (l *line) putRun(run []byte) {
	switch {
	case l.unlimited:
		l.dst = append(l.dst, run...)
		return
	case l.cut:
		return
	}
	if n := min(len(run), l.left); n > 0 {
		l.dst = append(l.dst, run[:n]...)
		l.left -= n
		l.last, l.lastEnd, l.lastWidth = len(l.dst)-1, len(l.dst), 1
		run = run[n:]
	}
	if len(run) > 0 {
		l.put(run[:1], 1) // ends the line
	}
}

// put appends text that takes so many columns. If it does not fit it is left out, and the
// last column of the line shows that something is missing.
func (l *line) put(shown []byte, columns int) {
	switch {
	case l.cut:
	case l.unlimited:
		l.dst = append(l.dst, shown...)
	case columns <= l.left:
		if columns > 0 {
			l.last, l.lastEnd, l.lastWidth = len(l.dst), len(l.dst)+len(shown), columns
		}
		l.dst = append(l.dst, shown...)
		l.left -= columns
	case l.left > 0: // wider than the last column
		l.dst = append(l.dst, "…"...)
		l.left--
		l.cut = true
	default:
		l.dst = slices.Replace(l.dst, l.last, l.lastEnd, []byte("…")...)
		l.left += l.lastWidth - 1
		l.cut = true
	}
}
