package spool

import (
	"bytes"
	"errors"
	"strings"

	"auditctl/pkg/collector/jetstream/internal/message"
)

// A record is a message as a line of a spool: + for the first line of an origin, else -;
// a blank; the id, with @ and the mark of the origin; a blank; the line. Records of
// earlier versions have no mark.

func appendRecord(dst *bytes.Buffer, m *message.Message) {
	begins := byte('-')
	if m.Begins {
		begins = '+'
	}
	dst.WriteByte(begins)
	dst.WriteString(" " + m.ID)
	if m.Origin != "" {
		dst.WriteString("@" + m.Origin)
	}
	dst.WriteByte(' ')
	dst.Write(m.Line)
	dst.WriteByte('\n')
}

func parseRecord(record []byte, lines *message.Labeller) (message.Message, error) {
	mark, rest, ok := bytes.Cut(bytes.TrimSuffix(record, []byte("\n")), []byte(" "))
	id, line, found := bytes.Cut(rest, []byte(" "))
	if !ok || !found || len(mark) != 1 {
		return message.Message{}, errors.New("not a spool of auditctl")
	}
	text, origin, _ := strings.Cut(string(id), "@")
	return message.Message{Subject: lines.SubjectOf(line), ID: text, Origin: origin, Line: line, Begins: mark[0] == '+'}, nil
}
