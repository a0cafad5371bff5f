package flow

import (
	"bytes"
	"errors"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/redaction"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/redact"
)

// An Event is one that was read. It is used by one goroutine.
type Event struct {
	*events.Scanner // of the line as it was read

	redaction *redaction.Redaction
	redactor  *redact.Redactor // nil: nothing is redacted
	left      *events.Scanner  // what redaction left; nil: that is not known yet
	wrong     error            // left is no event
	buffer    []byte
	redacted  events.Scanner
}

// newEvent returns an Event for another goroutine, whose lines s scans.
func (f *Flow) newEvent(s *events.Scanner) *Event {
	e := &Event{Scanner: s, redaction: f.Redaction}
	if f.Redaction != nil {
		e.redactor = f.Redaction.Clone()
	}
	return e
}

// Left returns what redaction left of the event, which is the event itself if nothing is
// redacted. It may be used until the next one is read.
func (e *Event) Left() (*events.Scanner, error) {
	switch {
	case e.redactor == nil:
		return e.Scanner, nil
	case e.left == nil:
		e.redact()
	}
	return e.left, e.wrong
}

func (e *Event) redact() {
	var changed bool
	e.left = e.Scanner
	if changed, e.wrong = e.redactLine(e.Line()); changed {
		e.left = &e.redacted
	}
}

// redactLine scans what is left of the line of an event, if that is something else.
func (e *Event) redactLine(line []byte) (changed bool, err error) {
	left, changed := e.redactor.Append(e.buffer[:0], line)
	if !changed {
		return false, nil
	}
	e.buffer = left
	if !redaction.IsEvent(&e.redacted, left) { // the line must not be passed on as it was read
		err = &events.SyntaxError{Column: 1, Reason: "what redaction left is no event"}
	}
	return true, err
}

// Redact redacts the line of an event that was made of this one: that in dst, from start.
func (e *Event) Redact(dst []byte, start int) ([]byte, error) {
	if e.redactor == nil {
		return dst, nil
	}
	changed, err := e.redactLine(dst[start:])
	if changed && err == nil {
		dst = append(dst[:start], e.buffer...)
	}
	return dst, err
}

// show appends what is shown for what redaction left.
func (e *Event) show(dst []byte, show Show) ([]byte, error) {
	left, err := e.Left()
	if err != nil {
		return dst, err
	}
	return show(dst, left)
}

// AppendRedacted appends what redaction leaves of a line that was made of the event.
func (e *Event) AppendRedacted(dst, line []byte) []byte {
	if e.redactor != nil {
		if left, changed := e.redactor.Append(dst, line); changed {
			return left
		}
	}
	return append(dst, line...)
}

// next makes e ready for another line.
func (e *Event) next() { e.left = nil }

// release frees what a long line made large.
func (e *Event) release() {
	*e.Scanner, e.redacted, e.left = events.Scanner{}, events.Scanner{}, nil // they refer to the last line
	e.buffer = bounded.Emptied(e.buffer)
}

// appendInvalid appends what is left of a line that is no event, without its line feed.
func (e *Event) appendInvalid(dst, line []byte) []byte {
	switch {
	case e.redactor == nil:
		return append(dst, line...)
	case e.redaction.Objects && bytes.IndexByte(line, '\n') < 0 && e.redacted.Scan(line) == nil:
		return e.AppendRedacted(dst, line)
	}
	return e.redactor.AppendInvalid(dst, line)
}

// errUnexplained is what a message has instead of an error that could quote an event.
var errUnexplained = errors.New("why is left out, since that could quote it")

// A redactionReport is an Observer that counts what was redacted, and says so at the end.
type redactionReport struct {
	*redaction.Redaction
	reports *report.Reporter
}

func (r redactionReport) Add(b *Result) { r.Redaction.Add(b.Redacted) }
func (r redactionReport) End(bool)      { r.Say(r.reports) }

// hidesInvalid reports whether invalid lines are not passed on as they were read.
func (f *Flow) hidesInvalid() bool { return f.Redaction != nil && !f.Redaction.RawInvalid }

// hidePiece returns what is left of a line that is too long, once its last piece comes.
func (f *Flow) hidePiece(b *batch) (left []byte) {
	if b.Stopped {
		return nil
	}
	if !b.Block.Continues || f.long == nil {
		f.long = f.Redaction.NewInvalid()
	}
	piece, last := bytes.CutSuffix(b.Block.Lines, []byte{'\n'})
	f.long.Write(piece)
	if last {
		left = append(f.long.Append(nil), '\n')
		f.long = nil
	}
	return left
}
