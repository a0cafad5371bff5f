// Package repair tells the events on a damaged line of a log apart: what is left
// of a log after a crash, a full disk, or two writers that did not know of each
// other.
package repair

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// A Part is a part of a line.
type Part struct {
	// Text is the bytes of the part as they stand in the line.
	Text []byte

	// Event reports that they are an event. Other parts are what is left: the
	// beginning of an event that was cut off, or text that belongs to none.
	Event bool

	// Err says what is wrong with a part that is no event, with the column in the
	// line and without the line's number.
	Err *events.SyntaxError
}

// Split tells the parts of a line apart, which has no line feed. It knows
//
//   - objects that stand behind each other, as after a line feed was lost;
//   - the beginning of an object that was cut off, and right behind it another
//     that is whole, as after a write that was not finished;
//   - NUL bytes, of which a file may have many after a crash. They part what
//     stands before from what stands behind them, and belong to no part.
//
// An event is taken for one only if it can be nothing else. An object that may as
// well be the value of a key of one that was cut off is not, and what stands
// behind text that belongs to no object is not. A Part refers to the bytes of line.
func Split(line []byte) []Part {
	var s events.Scanner
	var parts []Part
	for at := 0; at < len(line); {
		end := bytes.IndexByte(line[at:], 0)
		if end < 0 {
			end = len(line) - at
		}
		if !events.Blank(line[at : at+end]) {
			parts = split(parts, &s, line[at:at+end], at)
		}
		at += end + 1
	}
	return parts
}

// split appends the parts of a text without NUL bytes that stands in its line at
// an offset.
func split(parts []Part, s *events.Scanner, text []byte, offset int) []Part {
	for !events.Blank(text) {
		n, err := s.ScanPrefix(text)
		part := Part{Text: text[:n], Event: err == nil}
		if err == nil {
			_, err = s.Event()
			part.Event = err == nil
		} else {
			n = cutOff(s, text, syntaxOf(err).Column-1)
			part.Text = text[:n]
		}
		part.Text = bytes.Trim(part.Text, whiteSpace)
		if err != nil {
			part.Err = syntaxOf(err)
			part.Err.Column += offset
		}
		parts = append(parts, part)
		text, offset = text[n:], offset+n
	}
	return parts
}

// cutOff returns where in text an object was cut off that breaks the grammar at
// an index: where the next event starts, or behind the text.
//
// The end of an object that was cut off in a string shows only behind the first
// quote of the next one, which seems to end that string. Elsewhere it shows at
// the brace of the next one, or at the number, word, escape or character before
// it of which only the beginning is there.
func cutOff(s *events.Scanner, text []byte, broken int) int {
	if broken == 0 || broken >= len(text) {
		return len(text) // no object, or one that is cut off at the end
	}
	if i := bytes.LastIndexByte(text[:broken], '{'); i > 0 && isQuote(text[i+1:broken]) && startsEvent(s, text[i:]) {
		return i
	}
	if i := bytes.IndexByte(text[broken:], '{'); i >= 0 && isBeginning(text[broken:broken+i]) && startsEvent(s, text[broken+i:]) {
		return broken + i
	}
	return len(text)
}

func startsEvent(s *events.Scanner, text []byte) bool {
	if _, err := s.ScanPrefix(text); err != nil {
		return false
	}
	_, err := s.Event()
	return err == nil
}

func isQuote(text []byte) bool { return string(bytes.Trim(text, whiteSpace)) == `"` }

// isBeginning reports whether text is the beginning of a number, word, escape or
// character that is not whole, or nothing.
func isBeginning(text []byte) bool {
	switch {
	case len(text) == 0:
		return true
	case text[0] == '\\':
		return len(text) < len(`\u0000`) && (len(text) == 1 || text[1] == 'u') &&
			len(bytes.Trim(text[min(len(text), 2):], "0123456789abcdefABCDEF")) == 0
	case text[0] >= utf8.RuneSelf:
		return !utf8.FullRune(text)
	}
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(word, string(text)) {
			return true
		}
	}
	return len(bytes.Trim(text, "0123456789+-.eE")) == 0
}

// whiteSpace is that of JSON.
const whiteSpace = " \t\r\n"

// syntaxOf returns the only kind of error that a Scanner has.
func syntaxOf(err error) *events.SyntaxError {
	var syntax *events.SyntaxError
	errors.As(err, &syntax)
	return syntax
}
