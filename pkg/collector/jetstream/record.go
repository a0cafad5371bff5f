package jetstream

import (
	"bytes"
	"errors"
	"strings"
)

// A record is a message as a line of a spool: + where an origin begins, else -,
// the id, the origin's mark after an @, and the line, with blanks between them.
// Those of earlier versions have no mark.

func appendRecord(dst *bytes.Buffer, m *message) {
	begins := byte('-')
	if m.begins {
		begins = '+'
	}
	dst.WriteByte(begins)
	dst.WriteString(" " + m.id)
	if m.origin != "" {
		dst.WriteString("@" + m.origin)
	}
	dst.WriteByte(' ')
	dst.Write(m.line)
	dst.WriteByte('\n')
}

func parseRecord(record []byte, lines *labeller) (message, error) {
	mark, rest, ok := bytes.Cut(bytes.TrimSuffix(record, []byte("\n")), []byte(" "))
	id, line, found := bytes.Cut(rest, []byte(" "))
	if !ok || !found || len(mark) != 1 {
		return message{}, errors.New("not a spool of auditctl")
	}
	text, origin, _ := strings.Cut(string(id), "@")
	return message{subject: lines.subjectOf(line), id: text, origin: origin, line: line, begins: mark[0] == '+'}, nil
}
