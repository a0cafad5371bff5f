package records

import (
	"bytes"
	"errors"
	"io"

	"auditctl/pkg/events"
)

// First reads the first object of a stream, without waiting for anything after it. White
// space and a byte order mark before it are skipped. It is found, but not checked, as the
// records of a Reader are.
//
// After an error, text is what was read that is no white space, at most a little more than
// most bytes. The error is [io.EOF] if that is nothing, [io.ErrUnexpectedEOF] if the object
// has no end, a [*events.SyntaxError] without a line number if there is no object or it is
// longer than most, or that of src.
func First(src io.Reader, most int) (text []byte, err error) {
	const first = 16 << 10
	var object cutter
	at := 0 // what of the text was looked at
	for err == nil {
		if len(text) == cap(text) {
			text = append(make([]byte, 0, max(first, 2*len(text))), text...)
		}
		var n int
		n, err = src.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		if at == 0 {
			if text = bytes.TrimLeft(text, " \t\r\n"); bytes.HasPrefix(text, []byte(byteOrderMark)) {
				text = bytes.TrimLeft(text[len(byteOrderMark):], " \t\r\n")
			}
			switch {
			case len(text) == 0, err == nil && bytes.HasPrefix([]byte(byteOrderMark), text):
				continue
			case text[0] != '{':
				return text, &events.SyntaxError{Column: 1, Reason: "not an object"}
			}
		}
		n, wrong := object.cut(text[at:])
		at += n
		switch {
		case wrong != "":
			return text, &events.SyntaxError{Column: at + 1, Reason: wrong}
		case at > most:
			return text, &events.SyntaxError{Column: 1, Reason: events.TooLong(most)}
		case object.ended():
			return text[:at], nil
		}
	}
	if errors.Is(err, io.EOF) && len(text) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return text, err
}
