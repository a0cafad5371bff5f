package otlp

import (
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A span is what a program did from start to end. Its log record has what its events share.
type span struct {
	logRecord
	start, end       time.Time
	spanName, parent events.Value
	failed           bool
	status           events.Value // its message
}

// span writes the events of a span: the attempt and the end of a call, or one that says
// what it was.
func (d *decoder) span(span events.Value) {
	s := d.readSpan(span)
	switch operation := string(event.TextOf(d.attrs.peek("gen_ai.operation.name"))); operation {
	case "execute_tool", "tool_call":
		if d.attrs.peek(toolKeys...) != nil && d.call(&s) {
			return
		}
		d.otherSpan(&s, false)
	case "chat", "generate_content", "text_completion", "embeddings":
		d.otherSpan(&s, d.resource.producer == nil && d.isNewSpan(s.traceID, s.spanID))
	default: // such as invoke_agent, which repeats the tokens of the spans in it
		d.otherSpan(&s, false)
	}
}

func (d *decoder) readSpan(span events.Value) (s span) {
	var attrs, status events.Value
	for key, v := range span.Members() {
		switch string(key) {
		case "traceId":
			s.traceID = hexID(v)
		case "spanId":
			s.spanID = hexID(v)
		case "parentSpanId":
			s.parent = hexID(v)
		case "name":
			s.spanName = v
		case "startTimeUnixNano":
			s.start = nanos(v)
		case "endTimeUnixNano":
			s.end = nanos(v)
		case "attributes":
			attrs = v
		case "status":
			status = v
		}
	}
	d.attrs.read(attrs)
	for key, v := range status.Members() {
		switch string(key) {
		case "code":
			code := string(event.TextOf(v))
			s.failed = code == "2" || code == "STATUS_CODE_ERROR"
		case "message":
			s.status = v
		}
	}
	s.producer = &genAI
	s.Session = d.session()
	if s.Turn = d.first("prompt.id", "prompt_id", "turn.id", "turn_id"); s.Turn == nil {
		s.Turn = s.traceID
	}
	s.Agent = d.agent()
	return s
}

// call writes the attempt and the end of a call, and reports whether it did: not if its
// end was there already.
func (d *decoder) call(s *span) bool {
	id := d.attrs.peek(callKeys...)
	if id == nil {
		id = s.spanID
	}
	if id != nil && !d.ended.Add(d.keyOf(s.Session, id)) {
		s.copied = true
		return false
	}
	a := &d.attrs
	a.first(callKeys...)
	tool, arguments := a.first(toolKeys...), a.first("gen_ai.tool.call.arguments")
	result, errorType := a.first("gen_ai.tool.call.result"), a.first("error.type")

	s.Time = s.start
	d.w.Begin(events.TypeToolCallAttempt, s.Envelope)
	d.w.Meta("call_id", id)
	d.w.Meta("parent_span_id", s.parent)
	d.finish(&s.logRecord)
	d.w.EndAttempt(tool, arguments)
	if s.end.IsZero() {
		return true
	}

	s.Time = s.end
	eventType := events.TypeToolCallComplete
	if s.failed {
		eventType = events.TypeToolCallFailure
	}
	d.w.Begin(eventType, s.Envelope)
	d.w.Meta("call_id", id)
	d.w.Meta("trace_id", s.traceID)
	d.w.Meta("span_id", s.spanID)
	if s.failed {
		if !s.start.IsZero() {
			d.w.MetaFloat("duration_ms", s.duration())
		}
		d.w.Keys()
		d.w.EndFailure(tool, errorType, s.status)
	} else {
		d.w.Keys()
		d.w.EndComplete(tool, "success", s.duration(), result)
	}
	return true
}

// duration returns the milliseconds from start to end, 0 if one of them is not known.
func (s *span) duration() float64 {
	if s.start.IsZero() || s.end.IsZero() {
		return 0
	}
	return float64(s.end.Sub(s.start).Microseconds()) / 1000
}

// otherSpan writes what a span was, with its tokens if they count.
func (d *decoder) otherSpan(s *span, counts bool) {
	s.Time, s.Severity = s.start, events.SeverityDebug
	if s.failed {
		s.Severity = events.SeverityError
	}
	d.begin("otlp.span", &s.logRecord)
	if counts {
		d.usage(&genAI)
	}
	d.w.Meta("parent_span_id", s.parent)
	d.finish(&s.logRecord)
	d.w.Preview("name", s.spanName)
	d.w.Float("duration_ms", s.duration())
	if s.failed {
		d.w.Preview("error_message", s.status)
	}
	d.w.End()
}
