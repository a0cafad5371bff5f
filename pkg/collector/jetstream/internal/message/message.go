package message

import (
	"strconv"
	"strings"
)

// A Message is a line on its way.
type Message struct {
	Subject string
	ID      string
	Origin  string // a mark that the lines of one origin have in common; empty: not known
	Line    []byte // without its line feed

	// Begins is set for the first line of an origin that has a name: lines of an
	// earlier run may be in the stream.
	Begins bool
}

// Number is the line's number in its origin, from 0; below zero if it is not known.
func (m *Message) Number() int64 { return NumberOf(m.ID) }

// NumberOf is the number of the line whose message has an id, as [Message.Number].
func NumberOf(id string) int64 {
	_, number, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// HeaderRoom is more bytes than the headers of a message take.
const HeaderRoom = 512

// Size is about how many bytes a message takes on its way.
func (m *Message) Size() int { return len(m.Line) + len(m.Subject) + HeaderRoom }
