package view

import (
	"bytes"

	"auditctl/pkg/events"
)

// An Array shows events as one JSON array, an element a line. AppendElement is safe for
// concurrent use, the rest is for one goroutine. It ends lines late: the comma comes with
// the next event.
type Array struct {
	begun, ended bool
}

// AppendElement appends the event that s scanned as an element, with what separates it
// from the one before.
func (v *Array) AppendElement(dst []byte, s *events.Scanner) []byte {
	dst = append(dst, arraySeparator...)
	return append(dst, objectOf(s)...)
}

// objectOf returns the object of the line that s scanned, without what may be around it.
func objectOf(s *events.Scanner) events.Value { return bytes.Trim(s.Line(), "\ufeff \t\r") }

const arraySeparator = ",\n"

// Arrange appends elements, and before the first one the start of the array.
func (v *Array) Arrange(dst, elements []byte) []byte {
	if !v.begun && len(elements) > 0 {
		v.begun = true
		dst = append(dst, "[\n"...)
		elements = elements[len(arraySeparator):]
	}
	return append(dst, elements...)
}

// Rest appends the end of the array.
func (v *Array) Rest(dst []byte) []byte {
	switch {
	case v.ended:
		return dst
	case v.begun:
		dst = append(dst, "\n]\n"...)
	default:
		dst = append(dst, "[]\n"...)
	}
	v.ended = true
	return dst
}

// Holds reports that the last element still lacks the end of its line.
func (v *Array) Holds() bool { return true }
