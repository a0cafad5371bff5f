package dialect

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"auditctl/pkg/events"
)

// otlp is what OpenTelemetry programs export, in the protocol's JSON encoding: one record
// has many log records, spans or metrics, each list with the resource it is about.
var otlp = &Dialect{
	Name:  "otlp",
	Title: "an OpenTelemetry export (OTLP in JSON)",
	Where: "where a Collector's file exporter writes, or what was sent as http/json",
	Known: "a list resourceLogs, resourceSpans or resourceMetrics",
	Maps: []Mapping{
		{"tool_result, tool_call (by event.name)", "tool_call_complete, tool_call_failure; tool_policy_decision if it was rejected"},
		{"tool_decision", "tool_policy_decision"},
		{"user_prompt", "turn_start"},
		{"agent.start", "agent_switch"},
		{"api_error, and what has an exception", "error"},
		{"api_request, sse_event, api_response, gen_ai.client…", "otlp.NAME with tokens"},
		{"other log records", "otlp.NAME, otlp.log if they have no name"},
		{"spans of execute_tool", "tool_call_attempt and its end"},
		{"other spans, metrics", "otlp.span, otlp.metrics"},
		{"session.id, conversation.id, gen_ai.conversation.id", "session_id"},
		{"prompt.id, prompt_id, turn.id", "turn_id"},
		{"tool_use_id, call_id, gen_ai.tool.call.id", "metadata.call_id"},
	},
	Knows: func(s *events.Scanner) bool {
		for _, key := range otlpLists {
			if s.Lookup(key).Kind() == events.Array {
				return true
			}
		}
		return false
	},
	Begin: func() func() Decoder {
		d := &otlpDecoder{}
		return func() Decoder { return d }
	},
}

// maxOTLPGrowth is how many times as large as a record its events may be, and maxOTLPSmall
// how large they may be in any case. What programs export is far below: only a record with
// hundreds of thousands of entries that say next to nothing is not, and it could use up all
// memory.
const (
	maxOTLPGrowth = 8
	maxOTLPSmall  = 4 << 20
)

var otlpLists = [...]string{"resourceLogs", "resourceSpans", "resourceMetrics"}

// An otlpDecoder decodes records of OTLP. What it remembers holds for all logs, since
// one session's records may be in several, and the same in both logs and traces.
type otlpDecoder struct {
	w        writer
	resource otlpResource
	attrs    attributes // of the log record or span
	body     events.Scanner
	full     int    // how long w.dst may become
	key      []byte // reused by keyOf

	seen    memory[struct{}] // log records with a sequence number
	ended   memory[struct{}] // calls
	decided memory[int]      // calls, with how many decisions were told that no end repeated
	counted memory[struct{}] // spans with tokens
}

// An otlpResource is what log records and spans have in common. Texts are cut, since each
// of their events has them.
type otlpResource struct {
	attributes
	service  events.Value
	scope    events.Value  // its name
	producer *otlpProducer // if the service or the scope is named after a known agent
}

func (d *otlpDecoder) Decode(dst []byte, r Record) ([]byte, error) {
	var lists [len(otlpLists)]events.Value
	r.LookupAll(otlpLists[:], lists[:])
	known := false
	for _, list := range lists {
		known = known || list.Kind() == events.Array
	}
	if !known {
		return dst, Unknown("no resourceLogs, resourceSpans or resourceMetrics")
	}
	start := len(dst)
	d.w.reset("otlp", dst, r.Line)
	d.full = start + maxOTLPGrowth*len(r.Scanner.Line()) + maxOTLPSmall
	for element := range lists[0].Elements() {
		d.scopes(element, "scopeLogs", "logRecords", d.log)
	}
	for element := range lists[1].Elements() {
		d.scopes(element, "scopeSpans", "spans", d.span)
	}
	for element := range lists[2].Elements() {
		d.metrics(element)
	}
	if len(d.w.dst) > d.full {
		return dst, &events.SyntaxError{Column: 1, Reason: fmt.Sprintf("its events would be more than %d times as large", maxOTLPGrowth)}
	}
	if len(d.w.dst) == start {
		d.w.begin("otlp.empty", envelope{severity: events.SeverityDebug})
		d.w.metaScalars(r.Members())
		d.w.keys()
		d.w.end()
	}
	return d.w.dst, nil
}

// scopes calls each for the items of the scopes of a resource.
func (d *otlpDecoder) scopes(of events.Value, scopesName, itemsName string, each func(item events.Value)) {
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
		d.resource.producer = agentOf(d.resource.service, d.resource.scope)
		for item := range items.Elements() {
			if each(item); len(d.w.dst) > d.full {
				return
			}
		}
	}
}

func (r *otlpResource) read(resource events.Value) {
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
		if kept := beginning(v[1:len(v)-1], PreviewLength); len(kept) < len(v)-2 {
			return append(append(events.Value{'"'}, kept...), '"')
		}
		return v
	case events.Number, events.Bool:
		return v
	}
	return nil
}

// metrics writes one event for all metrics of a resource: they are sums of what log
// records and spans tell.
func (d *otlpDecoder) metrics(of events.Value) {
	names := int64(0)
	d.attrs.read(nil)
	d.scopes(of, "scopeMetrics", "metrics", func(events.Value) { names++ })
	d.w.begin("otlp.metrics", envelope{session: d.session(), severity: events.SeverityDebug})
	d.w.meta("service.name", d.resource.service)
	d.w.keys()
	d.w.int("metrics", names)
	d.w.end()
}

// first returns the first of the attributes with some names, of the log record or span,
// or else of the resource.
func (d *otlpDecoder) first(names ...string) events.Value {
	if v := d.attrs.first(names...); v != nil {
		return v
	}
	return d.resource.peek(names...)
}

func (d *otlpDecoder) session() events.Value {
	return d.first("session.id", "conversation.id", "gen_ai.conversation.id")
}

// keyOf returns a name for a memory. It is valid until the next one is made.
func (d *otlpDecoder) keyOf(parts ...events.Value) []byte {
	d.key = d.key[:0]
	for _, part := range parts {
		d.key = append(append(d.key, part...), 0)
	}
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
