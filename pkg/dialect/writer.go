package dialect

import (
	"iter"
	"slices"
	"strconv"
	"time"

	"auditctl/pkg/events"
)

// A writer appends events as the reference writer spells them. The calls for one event
// are, in this order: begin, those for metadata, keys, those for keys of its type in the
// order of the type's table, end.
type writer struct {
	dst     []byte
	dialect string
	line    int64 // of the record
	members int   // of the metadata so far
	scratch []byte
}

// reset makes w append to dst what a record means.
func (w *writer) reset(dialect string, dst []byte, line int64) {
	w.dialect, w.dst, w.line = dialect, dst, line
}

// An envelope is the envelope of an event to be written, but for its metadata. A value
// that is absent is written as null.
type envelope struct {
	timestamp            events.Value // in any form that Value.Time reads; if that is none, null is written
	time                 time.Time    // if it is not zero, instead of timestamp
	agent, turn, session events.Value // if it is no string, its text is the id
	severity             events.Severity
}

// begin writes the envelope up to the open metadata. The severity is that of the type
// unless the envelope's is worse; other types have the envelope's, or info.
func (w *writer) begin(eventType string, e envelope) {
	w.dst = append(w.dst, `{"event_type": `...)
	w.dst = events.AppendString(w.dst, eventType)
	w.dst = append(w.dst, `, "timestamp": `...)
	at, ok := e.time, !e.time.IsZero()
	if !ok {
		at, ok = e.timestamp.Time()
	}
	if ok {
		w.dst = events.AppendTimestamp(w.dst, at)
	} else {
		w.dst = append(w.dst, "null"...)
	}
	w.dst = appendID(append(w.dst, `, "agent_id": `...), e.agent)
	w.dst = appendID(append(w.dst, `, "turn_id": `...), e.turn)
	w.dst = appendID(append(w.dst, `, "session_id": `...), e.session)
	w.dst = append(w.dst, `, "severity": `...)
	w.dst = events.AppendString(w.dst, string(severityOf(eventType, e.severity)))
	w.dst = append(w.dst, `, "metadata": {`...)
	w.members = 0
}

func severityOf(eventType string, given events.Severity) events.Severity {
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
	return appendText(dst, v)
}

// appendText appends v if it is a string, else its text as a string.
func appendText(dst []byte, v events.Value) []byte {
	if v.Kind() == events.String {
		return v.AppendSpelled(dst)
	}
	return events.AppendString(dst, string(v))
}

// meta writes a key of metadata, unless v is absent or null.
func (w *writer) meta(key string, v events.Value) {
	if v.NonNull() != nil {
		w.metaKey(key)
		w.dst = v.AppendSpelled(w.dst)
	}
}

// metaString writes a key of metadata, unless s is empty.
func (w *writer) metaString(key, s string) {
	if s != "" {
		w.metaKey(key)
		w.dst = events.AppendString(w.dst, s)
	}
}

// metaInt writes a key of metadata.
func (w *writer) metaInt(key string, n int64) {
	w.metaKey(key)
	w.dst = strconv.AppendInt(w.dst, n, 10)
}

// metaPreview writes a key of metadata, cut as preview does, unless v is absent or null.
func (w *writer) metaPreview(key string, v events.Value) {
	if v.NonNull() != nil {
		w.metaKey(key)
		w.appendPreview(v)
	}
}

// metaScalars writes the members of an object that are strings, cut as preview does,
// numbers or booleans, but those with some names. One with a name that has a meaning of
// its own in metadata is written as DIALECT.NAME.
func (w *writer) metaScalars(members iter.Seq2[[]byte, events.Value], but ...string) {
	for key, v := range members {
		if !slices.Contains(but, string(key)) {
			w.metaScalar(key, v)
		}
	}
}

// metaScalar writes a key of metadata as metaScalars does.
func (w *writer) metaScalar(key []byte, v events.Value) {
	name := w.metaName(key)
	switch v.Kind() {
	case events.String:
		w.metaPreview(name, v)
	case events.Number, events.Bool:
		w.meta(name, v)
	}
}

// metaName returns a record's name for something as a key of metadata: DIALECT.NAME if the
// name has a meaning of its own there.
func (w *writer) metaName(name []byte) string {
	switch string(name) {
	case "source", "copied", "decision", "decided_by", "parent_call_id",
		"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens":
		return w.dialect + "." + string(name)
	}
	return string(name)
}

func (w *writer) metaKey(key string) {
	if w.members > 0 {
		w.dst = append(w.dst, ", "...)
	}
	w.members++
	w.dst = events.AppendString(w.dst, key)
	w.dst = append(w.dst, ": "...)
}

// keys closes the metadata, with the event's source. The keys of the type follow.
func (w *writer) keys() {
	w.source()
	w.dst = append(w.dst, '}')
}

// source writes the metadata for where the event is from.
func (w *writer) source() {
	w.metaKey("source")
	w.dst = append(w.dst, `{"dialect": `...)
	w.dst = events.AppendString(w.dst, w.dialect)
	w.dst = append(w.dst, `, "line": `...)
	w.dst = strconv.AppendInt(w.dst, w.line, 10)
	w.dst = append(w.dst, '}')
}

func (w *writer) key(name string) {
	w.dst = append(w.dst, ", "...)
	w.dst = events.AppendString(w.dst, name)
	w.dst = append(w.dst, ": "...)
}

// text writes a key whose value is a string: v, or its text, or "" if it is absent or null.
func (w *writer) text(name string, v events.Value) {
	w.key(name)
	w.dst = appendText(w.dst, v.NonNull())
}

// string writes a key.
func (w *writer) string(name, s string) {
	w.key(name)
	w.dst = events.AppendString(w.dst, s)
}

// int writes a key.
func (w *writer) int(name string, n int64) {
	w.key(name)
	w.dst = strconv.AppendInt(w.dst, n, 10)
}

// float writes a key as Python prints a float.
func (w *writer) float(name string, f float64) {
	w.key(name)
	w.dst = events.AppendFloat(w.dst, f)
}

// preview writes a key: the first PreviewLength characters of a string, or of any other
// value as JSON; "" if it is absent or null.
func (w *writer) preview(name string, v events.Value) {
	w.key(name)
	w.appendPreview(v.NonNull())
}

// end ends the event.
func (w *writer) end() { w.dst = append(w.dst, "}\n"...) }

// appendPreview appends a string, see preview.
func (w *writer) appendPreview(v events.Value) {
	if v.Kind() == events.String {
		w.dst = cutString(v, PreviewLength).AppendSpelled(w.dst)
		return
	}
	w.scratch = appendBeginning(w.scratch[:0], v, PreviewLength)
	w.dst = append(w.dst, '"')
	for _, c := range w.scratch[:min(len(w.scratch), PreviewLength)] {
		if c == '"' || c == '\\' {
			w.dst = append(w.dst, '\\')
		}
		w.dst = append(w.dst, c)
	}
	w.dst = append(w.dst, '"')
}
