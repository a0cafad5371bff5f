package dialect

import (
	"time"

	"auditctl/pkg/events"
)

// An otlpSpan is a span.
type otlpSpan struct {
	otlpLog
	start, end       time.Time
	spanName, parent events.Value
	failed           bool
	status           events.Value // its message
}

// span writes the events of a span: the attempt and the end of a call, or one that says
// what it was.
func (d *otlpDecoder) span(span events.Value) {
	s := d.readSpan(span)
	switch operation := string(textOf(d.attrs.peek("gen_ai.operation.name"))); operation {
	case "execute_tool", "tool_call":
		if d.attrs.peek(otlpTool...) != nil && d.call(&s) {
			return
		}
		d.otherSpan(&s, false)
	case "chat", "generate_content", "text_completion", "embeddings":
		d.otherSpan(&s, d.resource.producer == nil && d.isNewSpan(s.traceID, s.spanID))
	default: // such as invoke_agent, which repeats the tokens of the spans in it
		d.otherSpan(&s, false)
	}
}

func (d *otlpDecoder) readSpan(span events.Value) (s otlpSpan) {
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
			code := string(textOf(v))
			s.failed = code == "2" || code == "STATUS_CODE_ERROR"
		case "message":
			s.status = v
		}
	}
	s.producer = &otlpGenAI
	s.session = d.session()
	if s.turn = d.first("prompt.id", "prompt_id", "turn.id", "turn_id"); s.turn == nil {
		s.turn = s.traceID
	}
	s.agent = d.agent()
	return s
}

// call writes the attempt and the end of a call, and reports whether it did: not if its
// end was there already.
func (d *otlpDecoder) call(s *otlpSpan) bool {
	id := d.attrs.peek(otlpCallID...)
	if id == nil {
		id = s.spanID
	}
	if id != nil && !d.ended.add(d.keyOf(s.session, id)) {
		s.copied = true
		return false
	}
	a := &d.attrs
	a.first(otlpCallID...)
	tool, arguments := a.first(otlpTool...), a.first("gen_ai.tool.call.arguments")
	result, errorType := a.first("gen_ai.tool.call.result"), a.first("error.type")

	s.time = s.start
	d.w.begin(events.TypeToolCallAttempt, s.envelope)
	d.w.meta("call_id", id)
	d.w.meta("parent_span_id", s.parent)
	d.finish(&s.otlpLog)
	d.w.text("tool_name", tool)
	d.w.preview("arguments_preview", arguments)
	d.w.end()
	if s.end.IsZero() {
		return true
	}

	s.time = s.end
	eventType := events.TypeToolCallComplete
	if s.failed {
		eventType = events.TypeToolCallFailure
	}
	d.w.begin(eventType, s.envelope)
	d.w.meta("call_id", id)
	d.w.meta("trace_id", s.traceID)
	d.w.meta("span_id", s.spanID)
	if s.failed {
		if !s.start.IsZero() {
			d.w.metaKey("duration_ms")
			d.w.dst = events.AppendFloat(d.w.dst, s.duration())
		}
		d.w.keys()
		d.w.text("tool_name", tool)
		d.w.text("error_type", errorType)
		d.w.preview("error_message", s.status)
	} else {
		d.w.keys()
		d.w.text("tool_name", tool)
		d.w.string("status", "success")
		d.w.float("duration_ms", s.duration())
		d.w.preview("result_preview", result)
	}
	d.w.end()
	return true
}

// duration returns the milliseconds from start to end, 0 if one of them is not known.
func (s *otlpSpan) duration() float64 {
	if s.start.IsZero() || s.end.IsZero() {
		return 0
	}
	return float64(s.end.Sub(s.start).Microseconds()) / 1000
}

// otherSpan writes what a span was, with its tokens if they count.
func (d *otlpDecoder) otherSpan(s *otlpSpan, counts bool) {
	s.time, s.severity = s.start, events.SeverityDebug
	if s.failed {
		s.severity = events.SeverityError
	}
	d.begin("otlp.span", &s.otlpLog)
	if counts {
		d.usage(&otlpGenAI)
	}
	d.w.meta("parent_span_id", s.parent)
	d.finish(&s.otlpLog)
	d.w.preview("name", s.spanName)
	d.w.float("duration_ms", s.duration())
	if s.failed {
		d.w.preview("error_message", s.status)
	}
	d.w.end()
}
