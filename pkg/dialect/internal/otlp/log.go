package otlp

import (
	"bytes"
	"strings"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A logRecord is a log record.
type logRecord struct {
	event.Envelope
	producer        *producer    // nil if it is not known
	name            string       // of the event, without the producer's prefix
	message         events.Value // the body, unless it is the name
	traceID, spanID events.Value
	copied          bool
}

// log writes the events of a log record.
func (d *decoder) log(record events.Value) {
	if d.own(record) {
		return
	}
	r := d.readLog(record)
	if sequence := d.attrs.peek("event.sequence"); sequence != nil && r.Session != nil {
		at := events.Value(r.Time.AppendFormat(nil, time.RFC3339Nano))
		r.copied = !d.seen.Add(d.keyOf(r.Session, sequence, at, events.Value(r.name)))
	}
	if r.copied {
		d.other(&r)
		return
	}
	name := r.name
	if r.producer == nil && d.attrs.peek(toolKeys...) == nil {
		name = ""
	}
	switch name {
	case "tool_result", "tool_call":
		d.toolResult(&r)
	case "tool_decision":
		d.toolDecision(&r)
	case "user_prompt":
		prompt := d.attrs.first("prompt")
		d.begin(events.TypeTurnStart, &r)
		d.finish(&r)
		d.w.Preview("prompt_preview", prompt)
		d.w.End()
	case "agent.start":
		d.agentStart(&r)
	case "api_error", "api_retries_exhausted", "internal_error":
		d.failure(&r)
	default:
		if d.attrs.peek("exception.type", "exception.message") != nil ||
			r.producer != nil && d.attrs.peek("error.message") != nil {
			d.failure(&r)
			return
		}
		d.other(&r)
	}
}

func (d *decoder) readLog(record events.Value) (r logRecord) {
	var at, observed, number, text, eventName, body, attrs events.Value
	for key, v := range record.Members() {
		switch string(key) {
		case "timeUnixNano":
			at = v
		case "observedTimeUnixNano":
			observed = v
		case "severityNumber":
			number = v
		case "severityText":
			text = v
		case "eventName":
			eventName = v
		case "body":
			body = v
		case "attributes":
			attrs = v
		case "traceId":
			r.traceID = hexID(v)
		case "spanId":
			r.spanID = hexID(v)
		}
	}
	d.attrs.read(attrs)
	r.message = d.attrs.valueOf(body).NonNull()
	if record.Kind() != events.Object {
		r.message = record.NonNull()
	}
	d.nameLog(&r, eventName)

	stated, _ := d.attrs.first("event.timestamp").Time()
	for _, t := range []time.Time{nanos(at), stated, nanos(observed)} {
		if r.Time = t; !t.IsZero() {
			break
		}
	}
	r.Severity = severityOfLog(number, text)
	r.Session = d.session()
	r.Turn = d.first("prompt.id", "prompt_id", "turn.id", "turn_id")
	if r.Turn == nil && r.producer == &genAI {
		r.Turn = r.traceID
	}
	r.Agent = d.agent()
	return r
}

func (d *decoder) agent() events.Value { return d.first("gen_ai.agent.id", "agent.id") }

// own passes on a log record that auditctl sent: an event, which is the body.
func (d *decoder) own(record events.Value) bool {
	if string(event.TextOf(d.resource.scope)) != "auditctl" {
		return false
	}
	var name, body events.Value
	for key, v := range record.Members() {
		switch string(key) {
		case "eventName":
			name = v
		case "body":
			body = v
		}
	}
	_, body = anyValue(body)
	line := event.TextOf(body)
	if body.Kind() != events.String || bytes.IndexByte(line, '\n') >= 0 || d.body.Scan(line) != nil {
		return false
	}
	own, err := d.body.Event()
	if err != nil || own.Type() != string(event.TextOf(name)) {
		return false
	}
	d.w.Dst = append(append(d.w.Dst, line...), '\n')
	return true
}

// severityOfLog returns what a severity's number means, or else its text, and "" if
// neither means any.
func severityOfLog(number, text events.Value) events.Severity {
	if number.Kind() == events.String {
		number = number[1 : len(number)-1]
	}
	switch n := event.Count(number); {
	case n == 0:
		name := string(bytes.TrimPrefix(number, []byte("SEVERITY_NUMBER_")))
		if s, ok := events.ParseSeverity(strings.TrimRight(name, "234")); ok {
			return s
		}
		s, _ := events.ParseSeverity(strings.TrimRight(string(event.TextOf(text)), "234"))
		return s
	case n <= 8:
		return events.SeverityDebug
	case n <= 12:
		return events.SeverityInfo
	case n <= 16:
		return events.SeverityWarning
	case n <= 20:
		return events.SeverityError
	default:
		return events.SeverityCritical
	}
}

// begin begins an event, up to the metadata that every one has first.
func (d *decoder) begin(eventType string, r *logRecord) {
	d.w.Begin(eventType, r.Envelope)
	if r.producer != nil {
		d.w.Meta("model", d.attrs.first("model", "gen_ai.response.model", "gen_ai.request.model"))
	}
}

// finish writes what is left of the metadata.
func (d *decoder) finish(r *logRecord) {
	d.w.Meta("service.name", d.resource.service)
	if r.producer == nil {
		d.w.Meta("scope", d.resource.scope)
	}
	d.w.Meta("trace_id", r.traceID)
	d.w.Meta("span_id", r.spanID)
	if r.message != nil {
		d.w.MetaPreview("message", r.message)
	}
	d.attrs.rest(&d.w)
	if r.copied {
		d.w.MetaTrue("copied")
	}
	d.w.Keys()
}
