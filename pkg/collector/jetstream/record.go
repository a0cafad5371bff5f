package jetstream

import (
	"bytes"
	"errors"
)

// A record is a message as a line of a spool: + where an origin begins, else -,
// the id, and the line, with blanks between them.

func appendRecord(dst *bytes.Buffer, m *message) {
	begins := byte('-')
	if m.begins {
		begins = '+'
	}
	dst.WriteByte(begins)
	dst.WriteString(" " + m.id + " ")
	dst.Write(m.line)
	dst.WriteByte('\n')
}

func parseRecord(record []byte, lines *labeller) (message, error) {
	mark, rest, ok := bytes.Cut(bytes.TrimSuffix(record, []byte("\n")), []byte(" "))
	id, line, found := bytes.Cut(rest, []byte(" "))
	if !ok || !found || len(mark) != 1 {
		return message{}, errors.New("not a spool of auditctl")
	}
	return message{subject: lines.subjectOf(line), id: string(id), line: line, begins: mark[0] == '+'}, nil
}
