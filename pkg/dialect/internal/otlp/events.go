package otlp

import (
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// The attributes that hold the same thing, in different programs and versions.
var (
	toolKeys     = []string{"tool_name", "function_name", "gen_ai.tool.name"}
	callKeys     = []string{"tool_use_id", "call_id", "gen_ai.tool.call.id", "gen_ai.tool.call_id", "tool_call_id"}
	decisionKeys = []string{"decision_type", "decision"}
	deciderKeys  = []string{"decision_source", "source"}
)

// toolResult writes the end of a call, or who denied it.
func (d *decoder) toolResult(r *logRecord) {
	tool := d.attrs.peek(toolKeys...)
	if tool == nil {
		d.other(r)
		return
	}
	id, decision := d.attrs.peek(callKeys...), d.attrs.peek(decisionKeys...)
	repeated := decision != nil && d.countDecision(r, id, tool, -1)
	if actionOf(decision) == "deny" {
		if r.copied = repeated; repeated {
			d.other(r)
		} else {
			d.decision(r)
		}
		return
	}
	if id != nil && !d.ended.Add(d.keyOf(r.Session, id)) {
		r.copied = true
		d.other(r)
		return
	}
	success, eventType := string(event.TextOf(d.attrs.first("success"))), events.TypeToolCallComplete
	if success == "false" {
		eventType = events.TypeToolCallFailure
	}
	d.attrs.first(toolKeys...)
	d.begin(eventType, r)
	d.w.Meta("call_id", d.attrs.first(callKeys...))
	if decision != nil && !repeated {
		d.w.Meta("decision", d.attrs.first(decisionKeys...))
		d.w.Meta("decided_by", d.attrs.first(deciderKeys...))
	}
	if eventType == events.TypeToolCallFailure {
		errorType, message := d.attrs.first("error_type", "error.type"), d.attrs.first("error", "error.message", "output")
		d.finish(r)
		d.w.EndFailure(tool, errorType, message)
		return
	}
	took, result := d.attrs.first("duration_ms"), d.attrs.first("output")
	d.finish(r)
	status := "ended"
	if success == "true" {
		status = "success"
	}
	d.w.EndComplete(tool, status, statedDuration(took), result)
}

// countDecision adds 1 to the decisions that were told about a call, or takes 1 away if
// there are any, and reports whether it did. A call without an id is any of its tool.
func (d *decoder) countDecision(r *logRecord, id, tool events.Value, by int) bool {
	key := d.keyOf(r.Session, id)
	if id == nil {
		key = d.keyOf(r.Session, nil, tool)
	}
	n, _ := d.decided.Get(key)
	if n+by < 0 {
		return false
	}
	d.decided.Set(key, n+by)
	return true
}

func (d *decoder) toolDecision(r *logRecord) {
	tool := d.attrs.peek(toolKeys...)
	if tool == nil {
		d.other(r)
		return
	}
	d.countDecision(r, d.attrs.peek(callKeys...), tool, 1)
	d.decision(r)
}

// decision writes who decided what about a call.
func (d *decoder) decision(r *logRecord) {
	tool, decision, by := d.attrs.first(toolKeys...), d.attrs.first(decisionKeys...), d.attrs.first(deciderKeys...)
	d.begin(events.TypeToolPolicyDecision, r)
	d.w.Meta("call_id", d.attrs.first(callKeys...))
	d.w.Meta("decision", decision)
	d.w.Meta("decided_by", by)
	d.finish(r)
	d.w.Text("tool_name", tool)
	d.w.String("action", actionOf(decision))
	d.w.Text("policy_source", by)
	d.w.End()
}

// actionOf returns allow or deny for the words that programs have for them, and any other
// decision as it is.
func actionOf(decision events.Value) string {
	text := strings.ToLower(string(event.TextOf(decision)))
	for _, word := range []string{"accept", "auto_accept", "approve", "allow", "modify"} {
		if strings.HasPrefix(text, word) {
			return "allow"
		}
	}
	for _, word := range []string{"reject", "den", "abort", "cancel", "block", "timed_out"} {
		if strings.HasPrefix(text, word) {
			return "deny"
		}
	}
	return text
}

func (d *decoder) agentStart(r *logRecord) {
	agent, name := d.attrs.first("agent_id"), d.attrs.first("agent_name")
	d.begin(events.TypeAgentSwitch, r)
	d.finish(r)
	d.w.Text("from_agent", r.Agent)
	d.w.Text("to_agent", agent)
	d.w.Text("reason", name)
	d.w.End()
}

// failure writes an error that is not a call's.
func (d *decoder) failure(r *logRecord) {
	errorType := d.attrs.first("exception.type", "error_type", "error.type")
	message := d.attrs.first("exception.message", "error", "error.message", "error_message")
	d.begin(events.TypeError, r)
	d.finish(r)
	if errorType == nil {
		d.w.String("error_type", r.name)
	} else {
		d.w.Text("error_type", errorType)
	}
	d.w.Preview("error_message", message)
	d.w.String("error_context", r.fullName())
	d.w.End()
}

// other writes a log record that is none of the above. Those of known agents are worth
// a look only if they say so.
func (d *decoder) other(r *logRecord) {
	if r.Severity == "" || r.producer != nil && r.Severity.Rank() < events.SeverityWarning.Rank() {
		r.Severity = events.SeverityDebug
	}
	name := r.fullName()
	if name == "" {
		name = "log"
	}
	message := r.message
	r.message = nil
	d.begin("otlp."+name, r)
	d.w.Meta("call_id", d.attrs.first(callKeys...))
	if !r.copied && d.hasUsage(r) {
		d.usage(r.producer)
	}
	d.finish(r)
	if message != nil {
		d.w.Preview("message", message)
	}
	d.w.End()
}

// hasUsage reports whether a log record adds tokens. Of an agent's, those in its own words
// do, not those that repeat them by the semantic conventions. Those of a span that was
// told already do not.
func (d *decoder) hasUsage(r *logRecord) bool {
	p := r.producer
	switch {
	case p == nil || r.name != p.usage:
		return false
	case p == &genAI:
		return d.resource.producer == nil && d.isNewSpan(r.traceID, r.spanID)
	case r.name == "sse_event":
		return string(event.TextOf(d.attrs.peek("event.kind"))) == "response.completed"
	}
	return true
}

// isNewSpan reports whether the tokens of a span were not counted yet. Those without an
// id always count.
func (d *decoder) isNewSpan(traceID, spanID events.Value) bool {
	return spanID == nil || d.counted.Add(d.keyOf(traceID, spanID))
}

// usage writes the tokens that a log record or span adds.
func (d *decoder) usage(p *producer) {
	a := &d.attrs
	u := event.Usage{
		Input:      whole(a.first("input_tokens", "input_token_count", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")),
		Output:     whole(a.first("output_tokens", "output_token_count", "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")),
		CacheRead:  whole(a.first("cache_read_tokens", "cached_token_count", "cached_content_token_count", "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")),
		CacheWrite: whole(a.first("cache_creation_tokens", "gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens")),
	}
	switch cached := u.CacheRead + u.CacheWrite; {
	case p.gemini:
		u = event.TokensOf(u.Input, u.Output, whole(a.peek("thoughts_token_count")), u.CacheRead,
			whole(a.peek("tool_token_count")), whole(a.peek("total_token_count")))
	case p.cached && cached <= u.Input: // what is more cannot be a part of it
		u.Input -= cached
	}
	d.w.MetaUsage(u)
}

// whole returns the number of things that v, or its text, is, 0 if it is none.
func whole(v events.Value) int64 {
	return event.Count(event.TextOf(v))
}

// statedDuration returns the milliseconds that v, or its text, is, 0 if it is none.
func statedDuration(v events.Value) float64 {
	ms, ok := event.Milliseconds(event.TextOf(v), 1)
	if !ok {
		return 0
	}
	return ms
}
