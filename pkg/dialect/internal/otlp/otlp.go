// Package otlp decodes what OpenTelemetry programs export in JSON.
package otlp

import (
	"bytes"
	"strconv"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// Dialect is what OpenTelemetry programs export, in the protocol's JSON encoding: one record
// has many log records, spans or metrics, each list with the resource it is about.
var Dialect = &dialect.Dialect{
	Name:  "otlp",
	Title: "an OpenTelemetry export (OTLP in JSON)",
	Where: "where a Collector's file exporter writes, or what was sent as http/json",
	Known: "a list resourceLogs, resourceSpans or resourceMetrics",
	Maps: []dialect.Mapping{
		{From: "tool_result, tool_call (by event.name)", To: "tool_call_complete, tool_call_failure; tool_policy_decision if it was rejected"},
		{From: "tool_decision", To: "tool_policy_decision"},
		{From: "user_prompt", To: "turn_start"},
		{From: "agent.start", To: "agent_switch"},
		{From: "api_error, and what has an exception", To: "error"},
		{From: "api_request, sse_event, api_response, gen_ai.client…", To: "otlp.NAME with tokens"},
		{From: "other log records", To: "otlp.NAME, otlp.log if they have no name"},
		{From: "spans of execute_tool", To: "tool_call_attempt and its end"},
		{From: "other spans, metrics", To: "otlp.span, otlp.metrics"},
		{From: "session.id, conversation.id, gen_ai.conversation.id", To: "session_id"},
		{From: "prompt.id, prompt_id, turn.id", To: "turn_id"},
		{From: "tool_use_id, call_id, gen_ai.tool.call.id", To: "metadata.call_id"},
	},
	Knows: func(s *events.Scanner) bool {
		for _, key := range lists {
			if s.Lookup(key).Kind() == events.Array {
				return true
			}
		}
		return false
	},
	Begin: func() func() dialect.Decoder {
		d := &decoder{}
		return func() dialect.Decoder { return d }
	},
}

// lists are the keys of a record whose lists it consists of.
var lists = [...]string{"resourceLogs", "resourceSpans", "resourceMetrics"}

// A decoder decodes records of OTLP. What it remembers holds for all logs, since
// one session's records may be in several, and the same in both logs and traces.
type decoder struct {
	w        event.Writer
	resource resource
	attrs    attributes // of the log record or span
	body     events.Scanner
	full     int    // how long w.Dst may become
	key      []byte // reused by keyOf

	seen    event.Memory[struct{}] // log records with a sequence number
	ended   event.Memory[struct{}] // calls
	decided event.Memory[int]      // calls, with how many decisions were told that no end repeated
	counted event.Memory[struct{}] // spans with tokens
}

// A resource is what log records and spans have in common. Texts are cut, since each
// of their events has them.
type resource struct {
	attributes
	service  events.Value
	scope    events.Value // its name
	producer *producer    // if the service or the scope is named after a known agent
}

func (d *decoder) Untimed() int64 { return d.w.Untimed() }

func (d *decoder) Decode(dst []byte, r dialect.Record) ([]byte, error) {
	var of [len(lists)]events.Value
	r.LookupAll(lists[:], of[:])
	known := false
	for _, list := range of {
		known = known || list.Kind() == events.Array
	}
	if !known {
		return dst, dialect.Unknown("no resourceLogs, resourceSpans or resourceMetrics")
	}
	start := len(dst)
	d.w.Reset("otlp", dst, r.Line)
	d.full = start + event.Room(len(r.Scanner.Line()))
	for element := range of[0].Elements() {
		d.scopes(element, "scopeLogs", "logRecords", d.log)
	}
	for element := range of[1].Elements() {
		d.scopes(element, "scopeSpans", "spans", d.span)
	}
	for element := range of[2].Elements() {
		d.metrics(element)
	}
	if len(d.w.Dst) > d.full {
		return dst, event.TooLarge()
	}
	if len(d.w.Dst) == start {
		d.w.Begin("otlp.empty", event.Envelope{Severity: events.SeverityDebug})
		d.w.MetaScalars(r.Members())
		d.w.Keys()
		d.w.End()
	}
	return d.w.Dst, nil
}

// scopes calls each for the items of the scopes of a resource.
func (d *decoder) scopes(of events.Value, scopesName, itemsName string, each func(item events.Value)) {
	var resource, scopes events.Value
	for key, v := range of.Members() {
		switch string(key) {
		case "resource":
			resource = v
		case scopesName:
			scopes = v
		}
	}
	d.resource.read(resource)
	for s := range scopes.Elements() {
		var scope, items events.Value
		for key, v := range s.Members() {
			switch string(key) {
			case "scope":
				scope = v
			case itemsName:
				items = v
			}
		}
		d.resource.scope = cut(scope.Lookup("name"))
		d.resource.producer = producerOf(d.resource.service, d.resource.scope)
		for item := range items.Elements() {
			if each(item); len(d.w.Dst) > d.full {
				return
			}
		}
	}
}

func (r *resource) read(resource events.Value) {
	r.attributes.read(resource.Lookup("attributes"))
	for i := range r.list {
		r.list[i].value = cut(r.list[i].value)
	}
	r.service = r.first("service.name")
}

// cut returns a string cut as a preview is, and any other scalar as it is.
func cut(v events.Value) events.Value {
	switch v.Kind() {
	case events.String:
		if len(v) > dialect.PreviewLength {
			return event.AppendCut(nil, v, dialect.PreviewLength)
		}
		return v
	case events.Number, events.Bool:
		return v
	}
	return nil
}

// metrics writes one event for all metrics of a resource: they are sums of what log
// records and spans tell.
func (d *decoder) metrics(of events.Value) {
	names := int64(0)
	d.attrs.read(nil)
	d.scopes(of, "scopeMetrics", "metrics", func(events.Value) { names++ })
	d.w.Begin("otlp.metrics", event.Envelope{Session: d.session(), Severity: events.SeverityDebug})
	d.w.Meta("service.name", d.resource.service)
	d.w.Keys()
	d.w.Int("metrics", names)
	d.w.End()
}

// first returns the first of the attributes with some names, of the log record or span,
// or else of the resource.
func (d *decoder) first(names ...string) events.Value {
	if v := d.attrs.first(names...); v != nil {
		return v
	}
	return d.resource.peek(names...)
}

func (d *decoder) session() events.Value {
	return d.first("session.id", "conversation.id", "gen_ai.conversation.id")
}

// keyOf returns a name for a memory. It is valid until the next one is made.
func (d *decoder) keyOf(parts ...events.Value) []byte {
	d.key = event.AppendName(d.key[:0], parts...)
	return d.key
}

// nanos returns the time that a number of nanoseconds since 1970, or its text, is; none
// if that is 0.
func nanos(v events.Value) (t time.Time) {
	text := v
	if v.Kind() == events.String {
		text = v[1 : len(v)-1]
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil || f >= 1<<63 {
			return t
		}
		n = int64(f)
	}
	if n <= 0 {
		return t
	}
	return time.Unix(0, n)
}

// hexID returns a trace's or span's id in lower case, nil if it is empty or all zeros.
func hexID(v events.Value) events.Value {
	if v.Kind() != events.String || len(bytes.Trim(v, `"0`)) == 0 {
		return nil
	}
	if bytes.ContainsAny(v, "ABCDEF") {
		return bytes.ToLower(v)
	}
	return v
}
