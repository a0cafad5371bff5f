// Package event writes the events that are made of what other programs wrote, and remembers
// what that takes, within bounds.
package event

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
)

// A Writer appends events as the reference writer spells them. The calls for one event
// are, in this order: Begin, those for metadata, Keys, those for keys of its type in the
// order of the type's table, End.
type Writer struct {
	Dst     []byte // with what was written
	Members int    // of the metadata so far
	dialect string
	line    int64 // of the record, 0: it is on none
	scratch []byte
	untimed int64
}

// Untimed returns how many timestamps could not be read.
func (w *Writer) Untimed() int64 { return w.untimed }

// TimeOf returns the time that a timestamp says, the zero time if there is none or it cannot
// be read.
func (w *Writer) TimeOf(timestamp events.Value) time.Time {
	at, ok := timestamp.Time()
	if !ok && timestamp.NonNull() != nil {
		w.untimed++
	}
	return at
}

// Reset makes w append to dst what the record of a dialect at a line means; the line is 0
// for what was never in a log.
func (w *Writer) Reset(dialect string, dst []byte, line int64) {
	w.dialect, w.Dst, w.line = dialect, dst, line
}

// An Envelope is the envelope of an event to be written, but for its metadata. A value
// that is absent is written as null.
type Envelope struct {
	Timestamp            events.Value // in any form that Value.Time reads; if that is none, null is written
	Time                 time.Time    // if it is not zero, instead of Timestamp
	Agent, Turn, Session events.Value // if it is no string, its text is the id
	Severity             events.Severity
}

// Begin writes the envelope up to the open metadata. The severity is that of the type
// unless the envelope's is worse; other types have the envelope's, or info.
func (w *Writer) Begin(eventType string, e Envelope) {
	w.Dst = append(w.Dst, `{"event_type": `...)
	w.Dst = events.AppendString(w.Dst, eventType)
	w.Dst = append(w.Dst, `, "timestamp": `...)
	at := e.Time
	if at.IsZero() {
		at = w.TimeOf(e.Timestamp)
	}
	if at.IsZero() {
		w.Dst = append(w.Dst, "null"...)
	} else {
		w.Dst = events.AppendTimestamp(w.Dst, at)
	}
	w.Dst = appendID(append(w.Dst, `, "agent_id": `...), e.Agent)
	w.Dst = appendID(append(w.Dst, `, "turn_id": `...), e.Turn)
	w.Dst = appendID(append(w.Dst, `, "session_id": `...), e.Session)
	w.Dst = append(w.Dst, `, "severity": `...)
	w.Dst = events.AppendString(w.Dst, string(SeverityOf(eventType, e.Severity)))
	w.Dst = append(w.Dst, `, "metadata": {`...)
	w.Members = 0
}

// SeverityOf returns the severity of an event of a type: that of the type unless the given
// one is worse, and the given one or info for types that have none of their own.
func SeverityOf(eventType string, given events.Severity) events.Severity {
	known := events.SeverityInfo
	switch eventType {
	case events.TypeToolCallFailure, events.TypeToolLoopBlock, events.TypeError:
		known = events.SeverityError
	case events.TypeToolLoopWarning:
		known = events.SeverityWarning
	case events.TypeTurnStart, events.TypeTurnEnd, events.TypeToolCallAttempt, events.TypeToolCallComplete,
		events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeAgentSwitch, events.TypeHookMutation:
	default:
		if given != "" {
			return given
		}
	}
	if given.Rank() > known.Rank() {
		return given
	}
	return known
}

func appendID(dst []byte, v events.Value) []byte {
	if v.NonNull() == nil {
		return append(dst, "null"...)
	}
	return AppendText(dst, v)
}

// AppendText appends v if it is a string, else its text as a string.
func AppendText(dst []byte, v events.Value) []byte {
	if v.Kind() == events.String {
		return v.AppendSpelled(dst)
	}
	return events.AppendString(dst, string(v))
}

// Meta writes a key of metadata, unless v is absent or null.
func (w *Writer) Meta(key string, v events.Value) {
	if v.NonNull() != nil {
		w.MetaKey(key)
		w.Dst = v.AppendSpelled(w.Dst)
	}
}

// MetaString writes a key of metadata, unless s is empty.
func (w *Writer) MetaString(key, s string) {
	if s != "" {
		w.MetaKey(key)
		w.Dst = events.AppendString(w.Dst, s)
	}
}

// MetaInt writes a key of metadata.
func (w *Writer) MetaInt(key string, n int64) {
	w.MetaKey(key)
	w.Dst = strconv.AppendInt(w.Dst, n, 10)
}

// MetaFloat writes a key of metadata as Python prints a float.
func (w *Writer) MetaFloat(key string, f float64) {
	w.MetaKey(key)
	w.Dst = events.AppendFloat(w.Dst, f)
}

// MetaTrue writes a key of metadata.
func (w *Writer) MetaTrue(key string) {
	w.MetaKey(key)
	w.Dst = append(w.Dst, "true"...)
}

// MetaPreview writes a key of metadata, cut as Preview does, unless v is absent or null.
func (w *Writer) MetaPreview(key string, v events.Value) {
	if v.NonNull() != nil {
		w.MetaKey(key)
		w.appendPreview(v)
	}
}

// MetaScalars writes the members of an object that are strings, cut as Preview does,
// numbers or booleans, but those with some names. One with a name that has a meaning of
// its own in metadata is written as DIALECT.NAME.
func (w *Writer) MetaScalars(members iter.Seq2[[]byte, events.Value], but ...string) {
	for key, v := range members {
		if !slices.Contains(but, string(key)) {
			w.MetaScalar(key, v)
		}
	}
}

// MetaScalar writes a key of metadata as MetaScalars does.
func (w *Writer) MetaScalar(key []byte, v events.Value) {
	name := w.MetaName(key)
	switch v.Kind() {
	case events.String:
		w.MetaPreview(name, v)
	case events.Number, events.Bool:
		w.Meta(name, v)
	}
}

// MetaName returns a record's name for something as a key of metadata: DIALECT.NAME if the
// name has a meaning of its own there.
func (w *Writer) MetaName(name []byte) string {
	switch string(name) {
	case "source", "copied", "decision", "decided_by", "parent_call_id",
		"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens":
		return w.dialect + "." + string(name)
	}
	return string(name)
}

// MetaKey writes a key of metadata. The caller appends its value to Dst.
func (w *Writer) MetaKey(key string) {
	if w.Members > 0 {
		w.Dst = append(w.Dst, ", "...)
	}
	w.Members++
	w.Dst = events.AppendString(w.Dst, key)
	w.Dst = append(w.Dst, ": "...)
}

// Keys closes the metadata, with the event's source. The keys of the type follow.
func (w *Writer) Keys() {
	w.Source()
	w.Dst = append(w.Dst, '}')
}

// Source writes the metadata for where the event is from.
func (w *Writer) Source() {
	w.MetaKey("source")
	w.Dst = append(w.Dst, `{"dialect": `...)
	w.Dst = events.AppendString(w.Dst, w.dialect)
	if w.line > 0 {
		w.Dst = append(w.Dst, `, "line": `...)
		w.Dst = strconv.AppendInt(w.Dst, w.line, 10)
	}
	w.Dst = append(w.Dst, '}')
}

// Key writes a key of the event's type. The caller appends its value to Dst.
func (w *Writer) Key(name string) {
	w.Dst = append(w.Dst, ", "...)
	w.Dst = events.AppendString(w.Dst, name)
	w.Dst = append(w.Dst, ": "...)
}

// Text writes a key whose value is a string: v, or its text, or "" if it is absent or null.
func (w *Writer) Text(name string, v events.Value) {
	w.Key(name)
	w.Dst = AppendText(w.Dst, v.NonNull())
}

// String writes a key.
func (w *Writer) String(name, s string) {
	w.Key(name)
	w.Dst = events.AppendString(w.Dst, s)
}

// Int writes a key.
func (w *Writer) Int(name string, n int64) {
	w.Key(name)
	w.Dst = strconv.AppendInt(w.Dst, n, 10)
}

// Float writes a key as Python prints a float.
func (w *Writer) Float(name string, f float64) {
	w.Key(name)
	w.Dst = events.AppendFloat(w.Dst, f)
}

// Preview writes a key: the first PreviewLength characters of a string, or of any other
// value as JSON; "" if it is absent or null.
func (w *Writer) Preview(name string, v events.Value) {
	w.Key(name)
	w.appendPreview(v.NonNull())
}

// End ends the event.
func (w *Writer) End() { w.Dst = append(w.Dst, "}\n"...) }

// appendPreview appends a string, see Preview.
func (w *Writer) appendPreview(v events.Value) {
	if v.Kind() == events.String {
		w.Dst = cutString(v, dialect.PreviewLength).AppendSpelled(w.Dst)
		return
	}
	w.scratch = appendBeginning(w.scratch[:0], v, dialect.PreviewLength)
	w.Dst = append(w.Dst, '"')
	for _, c := range w.scratch[:min(len(w.scratch), dialect.PreviewLength)] {
		if c == '"' || c == '\\' {
			w.Dst = append(w.Dst, '\\')
		}
		w.Dst = append(w.Dst, c)
	}
	w.Dst = append(w.Dst, '"')
}
