package mcp

import (
	"bytes"
	"slices"
)

// maxMessage is how large a message may be that is kept as a whole until it is parsed. It
// is a variable for tests.
var maxMessage = 4 << 20

// lines cuts what a side sends into lines, and finds their messages.
type lines struct {
	parser  parser
	begun   []byte   // of a line, if it is small
	outline *outline // of a line that is large; else nil
}

// add takes the next bytes, and calls f for each message that ends.
func (l *lines) add(p []byte, f func(message)) {
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.grow(p, f)
			return
		}
		if l.outline == nil && len(l.begun) == 0 && i <= maxMessage {
			l.parser.parse(p[:i], f)
		} else {
			l.grow(p[:i], f)
			l.end(f)
		}
		p = p[i+1:]
	}
}

// grow adds to the line that was begun.
func (l *lines) grow(p []byte, f func(message)) {
	switch {
	case l.outline != nil:
		l.outline.add(p, f)
	case len(l.begun)+len(p) <= maxMessage:
		if len(l.begun)+len(p) > cap(l.begun) {
			l.begun = slices.Grow(l.begun, max(len(p), len(l.begun)))
		}
		l.begun = append(l.begun, p...)
	default:
		l.outline = new(outline)
		l.outline.add(withoutMarks(append(l.begun, p...)), f)
		l.begun = nil
	}
}

// withoutMarks returns a line without what may come before a message.
func withoutMarks(line []byte) []byte { return bytes.TrimLeft(line, " \t\r\ufeff") }

// end ends the line that was begun, if any.
func (l *lines) end(f func(message)) {
	switch {
	case l.outline != nil:
		l.outline.end(f)
		l.outline = nil
	case len(l.begun) > 0:
		l.parser.parse(l.begun, f)
		l.begun = l.begun[:0]
		if cap(l.begun) > maxKept {
			l.begun = nil
		}
	}
}
