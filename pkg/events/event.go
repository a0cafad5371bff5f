package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
)

// An Event is one event: its line, and what was found in it. It is a small
// value that does not change once made. The zero Event is no event; its Line is
// empty.
type Event struct {
	line []byte

	// Where the value of event_type is, a string with its quotes.
	typ, typEnd int
}

var scanners = sync.Pool{New: func() any { return new(Scanner) }}

// Parse checks that line, which may end with its line feed, is an event. It
// does not copy: the event refers to the bytes of line. The error is a
// [*SyntaxError].
func Parse(line []byte) (Event, error) {
	s := scanners.Get().(*Scanner)
	defer scanners.Put(s)
	if err := s.scanLine(line); err != nil {
		return Event{}, err
	}
	return s.Event()
}

// scanLine scans a line that may end with its line feed.
func (s *Scanner) scanLine(line []byte) error {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		return &SyntaxError{Column: i + 1, Reason: "line feed inside a line"}
	}
	return s.Scan(line)
}

// Line returns the line of e without its line feed, as it was read: byte order
// marks before the object are part of it. It must not be modified.
func (e Event) Line() []byte { return e.line[:len(e.line):len(e.line)] }

// String returns the line of e.
func (e Event) String() string { return string(e.line) }

// MarshalJSON returns the line of e, and null for the zero Event. json.Marshal
// takes the white space between its values out.
func (e Event) MarshalJSON() ([]byte, error) {
	if len(e.line) == 0 {
		return []byte("null"), nil
	}
	return e.Value(), nil
}

// UnmarshalJSON makes e the event that data is, as [Parse] does, of a copy. White
// space between values that holds a line feed is taken out; null leaves e as it is.
func (e *Event) UnmarshalJSON(data []byte) error {
	if Value(data).Kind() == Null {
		return nil
	}
	var line bytes.Buffer
	if bytes.IndexByte(data, '\n') < 0 {
		line.Write(data)
	} else if err := json.Compact(&line, data); err != nil {
		return err
	}
	parsed, err := Parse(line.Bytes())
	if err == nil {
		*e = parsed
	}
	return err
}

// LogValue returns a copy of the line of e, which a [slog.JSONHandler] writes as the
// object that it is, and null for the zero Event.
func (e Event) LogValue() slog.Value {
	return slog.AnyValue(json.RawMessage(bytes.Clone(e.Value())))
}

// Type returns the event_type of e.
func (e Event) Type() string {
	return Value(e.line[e.typ:e.typEnd]).String()
}

// Lookup returns the value of a top-level key of e, nil if it has none.
func (e Event) Lookup(key string) Value { return e.Value().Lookup(key) }

// Value returns the whole event as the JSON object that it is.
func (e Event) Value() Value {
	object := bytes.TrimRight(e.line, " \t\r\n")
	return object[skipMarks(object, skipSpace(object, 0)):]
}

// Clone returns a copy of e that shares no bytes with it: one to keep after the
// [Reader] or whoever else owns the bytes has moved on.
func (e Event) Clone() Event {
	e.line = bytes.Clone(e.line)
	return e
}

// CloneIn is Clone with the line in buf, if there is room for it.
func (e Event) CloneIn(buf []byte) Event {
	e.line = append(buf[:0], e.line...)
	return e
}

// Envelope returns the seven keys that every event has. A key that is absent or
// null leaves its field zero. It is an error if a value is of the wrong kind or
// the timestamp cannot be read.
func (e Event) Envelope() (Envelope, error) {
	var r Base
	err := e.Decode(&r)
	return r.Envelope, err
}

// Record returns e in the typed form that its event_type has. Keys that the
// type does not have are left out; [Event.Lookup] finds them. The error wraps
// [ErrUnknownType] if the package has no such type, as for types that a caller
// defined: use [Event.Decode] for these.
func (e Event) Record() (Record, error) {
	r, err := NewRecord(e.Type())
	if err != nil {
		return nil, err
	}
	return r, e.Decode(r)
}

// Decode sets the fields of r, a pointer to a struct that embeds [Envelope], to
// the values that e has for them, whatever its type. Fields whose key e lacks
// stay as they are, and so do those that come after one whose value is of the
// wrong kind, which is an error.
func (e Event) Decode(r Record) error {
	s := scanners.Get().(*Scanner)
	defer scanners.Put(s)
	if err := s.Scan(e.line); err != nil {
		return err
	}
	if err := decode(s, r); err != nil {
		return fmt.Errorf("%s: %w", e.Type(), err)
	}
	return nil
}
