// Package repair recovers the events on a damaged line of a log: what is left
// of a log after a crash, a full disk, or two writers that did not know of each
// other.
//
// [Split] does so for a line; [InPlace] puts a repaired log in the place of a damaged
// one, which it keeps.
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
	// Text is the bytes of the part as they are in the line.
	Text []byte

	// Event reports that they are an event. Other parts are what is left: the
	// beginning of an event that was cut off, or text that belongs to none.
	Event bool

	// Err says what is wrong with a part that is no event, with the column in the
	// line and without the line's number.
	Err *events.SyntaxError
}

// Split returns the parts of a line, which has no line feed. It recognizes
//
//   - objects that follow each other, as after a line feed was lost;
//   - the beginning of an object that was cut off, followed at once by another
//     that is complete, as after a write that was not finished;
//   - NUL bytes, of which a file may have many after a crash. They separate what
//     comes before them from what comes after, and belong to no part;
//   - byte order marks before an object, as where files were joined, and the brackets
//     and commas of an array of which the line is one: they belong to no part.
//
// An event is taken for one only if it can be nothing else. An object that may as
// well be the value of a key of one that was cut off is not, and neither is what
// follows text that belongs to no object. After one that was cut off, an
// object is an event only if another object or nothing follows: anything else
// may be the rest of the one around it. A Part refers to the bytes of line.
func Split(line []byte) []Part {
	s := splitter{line: line, sound: true}
	for at := s.elements(); at < len(line); {
		end := bytes.IndexByte(line[at:], 0)
		if end < 0 {
			end = len(line) - at
		}
		s.split(at, at+end)
		at += end + 1
	}
	return s.parts
}

// A splitter is a line in the work.
type splitter struct {
	events.Scanner
	line  []byte
	parts []Part
	sound bool // all so far was whole objects
}

// split appends the parts of the line between two indexes, where no NUL byte is.
func (s *splitter) split(at, end int) {
	for !events.Blank(s.line[at:end]) {
		text := s.line[at:end]
		n, err := s.ScanPrefix(text)
		switch {
		case err != nil:
			s.sound = false
			n = s.cutOff(at, end, syntaxOf(err).Column-1)
		case !s.sound && !s.endsAt(at+n):
			n, err = len(text), &events.SyntaxError{Column: 1, Reason: "this may be a part of another object"}
		default:
			_, err = s.Event()
		}
		s.add(at, at+n, err)
		at += n
	}
}

// add appends what is between two indexes as a part, of which err says what is wrong
// with it.
func (s *splitter) add(at, end int, err error) {
	part := Part{Text: bytes.Trim(s.line[at:end], whiteSpace), Event: err == nil}
	if err != nil {
		part.Err = syntaxOf(err)
		part.Err.Column += at
	}
	s.parts = append(s.parts, part)
}

// endsAt reports whether another object or nothing follows at an index.
func (s *splitter) endsAt(at int) bool {
	rest := bytes.TrimLeft(s.line[at:], whiteSpace+"\x00")
	return len(rest) == 0 || rest[0] == '{'
}

// cutOff returns how much of the text between two indexes is an object that was
// cut off and breaks the grammar somewhere in it: as much as comes before the
// next event, or all.
//
// The end of an object that was cut off in a string shows only after the first
// quote of the next one, which seems to end that string. Elsewhere it shows at
// the brace of the next one, or at the number, word, escape or character before
// it of which only the beginning is there.
func (s *splitter) cutOff(at, end, broken int) int {
	text := s.line[at:end]
	if broken == 0 || broken >= len(text) {
		return len(text) // no object, or one that is cut off at the end
	}
	if i := bytes.LastIndexByte(text[:broken], '{'); i > 0 && isQuote(text[i+1:broken]) && s.startsEvent(at+i, end) {
		return i
	}
	if i := bytes.IndexByte(text[broken:], '{'); i >= 0 && isBeginning(bytes.TrimRight(text[broken:broken+i], "\ufeff")) && s.startsEvent(at+broken+i, end) {
		return broken + i
	}
	return len(text)
}

func (s *splitter) startsEvent(at, end int) bool {
	n, err := s.ScanPrefix(s.line[at:end])
	if err != nil || !s.endsAt(at+n) {
		return false
	}
	_, err = s.Event()
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

// whiteSpace is that of JSON, and the byte order mark.
const whiteSpace = " \t\r\n\ufeff"

// syntaxOf returns the only kind of error that a Scanner has.
func syntaxOf(err error) *events.SyntaxError {
	var syntax *events.SyntaxError
	errors.As(err, &syntax)
	return syntax
}
