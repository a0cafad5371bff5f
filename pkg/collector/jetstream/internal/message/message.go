package message

import (
	"strconv"
	"strings"
)

// A Message is a line to be sent.
type Message struct {
	Subject string
	ID      string
	Origin  string // a mark that is the same for all lines of an origin; empty if unknown
	Line    []byte // without its line feed

	// Begins is set for the first line of a named origin: lines of an earlier run may be
	// in the stream.
	Begins bool
}

// Number returns the number of the line in its origin, counted from 0; negative if unknown.
func (m *Message) Number() int64 { return NumberOf(m.ID) }

// NumberOf returns the [Message.Number] of the message with an id.
func NumberOf(id string) int64 {
	_, number, _ := strings.Cut(id, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// HeaderRoom is an upper limit for the headers of a message, in bytes.
const HeaderRoom = 512

// Size returns an estimate of how many bytes are sent for the message.
func (m *Message) Size() int { return len(m.Line) + len(m.Subject) + HeaderRoom }
