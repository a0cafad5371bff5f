package events

import (
	"fmt"
	"strconv"
	"strings"
)

// A SyntaxError says why a line is not an event.
type SyntaxError struct {
	Line   int64 // from 1; 0 where the line has no number
	Column int   // in bytes, from 1
	Reason string
}

const noEventType = "no event_type"

// Untyped reports whether the line is a JSON object, but has no event_type.
func (e *SyntaxError) Untyped() bool { return e.Reason == noEventType }

// Error returns "LINE:COLUMN: reason", or "column COLUMN: reason" where the
// line has no number.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("column %d: %s", e.Column, e.Reason)
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Reason)
}

// Unquoted returns the reason without the byte of the line that it may show.
func (e *SyntaxError) Unquoted() string {
	if strings.HasPrefix(e.Reason, "control character ") {
		return "control character in a string"
	}
	if found, want, ok := strings.Cut(e.Reason, " where "); ok && found != "line ends" {
		return "something else where " + want
	}
	return e.Reason
}

// quoteByte shows one byte of a line in a reason: 'a', '\n', or 0xff where it
// is not ASCII.
func quoteByte(c byte) string {
	if c >= 0x80 {
		return fmt.Sprintf("0x%02x", c)
	}
	return strconv.QuoteRuneToASCII(rune(c))
}
