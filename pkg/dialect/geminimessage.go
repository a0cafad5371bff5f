package dialect

import (
	"bytes"
	"strings"
	"time"

	"auditctl/pkg/events"
)

// message writes what is new in a message: it may be written again as it grows. If it is a
// record, something is written in any case.
func (d *geminiDecoder) message(v events.Value, record bool) {
	id, kind := v.Lookup("id").NonNull(), v.Lookup("type")
	d.at, _ = v.Lookup("timestamp").Time()
	asked := d.at
	used, known := usage{}, false
	if id != nil {
		used, known = d.messages.get(id)
		d.copied = d.origins.copied(id, d.log)
	}
	now := used.most(geminiUsage(v.Lookup("tokens")))
	if id != nil {
		d.messages.set(id, now)
	}
	added := now.since(used)
	switch {
	case known && !record && added == (usage{}):
	case known && added == (usage{}) || kind.Kind() != events.String:
		d.other(geminiEventType(kind), v)
	case string(kind) == `"user"` && !known:
		d.prompt(id, v.Lookup("content"))
	case string(kind) == `"error"`:
		d.open(events.TypeError, "")
		d.keys()
		d.string("error_type", "error")
		d.preview("error_message", firstText(v.Lookup("content")))
		d.string("error_context", "")
		d.end()
	default:
		severity := events.SeverityDebug
		if string(kind) == `"warning"` {
			severity = events.SeverityWarning
		}
		d.open(geminiEventType(kind), severity)
		d.meta("model", v.Lookup("model"))
		d.metaPreview("content", firstText(v.Lookup("content")))
		if !d.copied {
			d.metaUsage(added)
		}
		d.keys()
		d.end()
	}
	calls := v.Lookup("toolCalls")
	for call := range calls.Elements() {
		if !known || call.Lookup("id").NonNull() != nil {
			d.at = asked
			d.call(call)
		}
	}
	for call := range calls.Elements() {
		if !known || call.Lookup("id").NonNull() != nil {
			d.at, _ = call.Lookup("timestamp").Time()
			d.result(call)
		}
	}
}

func geminiEventType(kind events.Value) string {
	if kind.Kind() != events.String {
		return "gemini.message"
	}
	return "gemini." + kind.String()
}

// prompt begins a turn, if the user said something: the results of calls are a user's
// messages, too.
func (d *geminiDecoder) prompt(id, content events.Value) {
	text := firstText(content)
	if text == nil {
		d.open("gemini.user", events.SeverityDebug)
		d.keys()
		d.end()
		return
	}
	d.turn = bytes.Clone(id)
	d.open(events.TypeTurnStart, "")
	d.meta("cwd", d.cwd)
	d.keys()
	d.preview("prompt_preview", text)
	d.end()
}

// firstText returns the first text of a content: a string, a part, or a list of them.
func firstText(content events.Value) events.Value {
	switch content.Kind() {
	case events.String:
		return content
	case events.Object:
		return content.Lookup("text").NonNull()
	}
	for part := range content.Elements() {
		if part.Kind() == events.String {
			return part
		}
		if text := part.Lookup("text").NonNull(); text != nil && string(part.Lookup("thought")) != "true" {
			return text
		}
	}
	return nil
}

// call writes that a call was asked for, and which agent it began, if that is new.
func (d *geminiDecoder) call(v events.Value) {
	id := v.Lookup("id").NonNull()
	agent := v.Lookup("agentId").NonNull()
	if d.attempt(id, v.Lookup("name"), v.Lookup("args")) && agent != nil && d.agents.add(agent) {
		d.open(events.TypeAgentSwitch, "")
		d.meta("call_id", id)
		d.keys()
		d.text("from_agent", d.agent)
		d.text("to_agent", agent)
		d.text("reason", v.Lookup("name"))
		d.end()
	}
}

// result writes that a call ended, if it has.
func (d *geminiDecoder) result(v events.Value) {
	end := geminiEnd{tool: v.Lookup("name"), result: v.Lookup("resultDisplay").NonNull()}
	end.response(firstResponse(v.Lookup("result")))
	if !end.state(v.Lookup("status")) {
		return
	}
	d.callEnd(v.Lookup("id").NonNull(), end)
}

// attempt writes that a call was asked for, and reports whether that is new.
func (d *geminiDecoder) attempt(id, tool, arguments events.Value) bool {
	if id != nil {
		if _, known := d.calls.get(id); known {
			return false
		}
		d.calls.set(id, geminiCall{tool: kept(tool), began: d.at})
	}
	d.open(events.TypeToolCallAttempt, "")
	d.meta("call_id", id)
	d.meta("cwd", d.cwd)
	d.keys()
	d.text("tool_name", tool)
	d.preview("arguments_preview", arguments)
	d.end()
	return true
}

// A geminiEnd is what is told of the end of a call.
type geminiEnd struct {
	outcome
	tool      events.Value
	errorType events.Value
	message   events.Value // if it failed
	result    events.Value
}

// response reads the response of a function for the model: {"output": …} or {"error": …}.
func (e *geminiEnd) response(v events.Value) {
	e.message = v.Lookup("error").NonNull()
	output := v.Lookup("output").NonNull()
	switch {
	case e.message != nil:
		e.outcome = failed
	case output != nil:
		e.outcome = succeeded
	}
	for _, result := range [...]events.Value{output, e.message, v} {
		if e.result == nil {
			e.result = result
		}
	}
}

// state reads the status of a call, and reports whether the call has ended.
func (e *geminiEnd) state(status events.Value) bool {
	switch string(status) {
	case `"success"`:
		e.outcome = succeeded
	case `"error"`:
		e.outcome = failed
	case `"cancelled"`:
		e.outcome = interrupted
	default:
		return false
	}
	return true
}

// firstResponse returns the response that is among the parts of a result.
func firstResponse(result events.Value) events.Value {
	for part := range result.Elements() {
		if response := part.Lookup("functionResponse"); response != nil {
			return response.Lookup("response")
		}
	}
	return result.Lookup("functionResponse").Lookup("response")
}

// refused reports whether a call was cancelled since the user did not allow it.
func (e *geminiEnd) refused() bool {
	message := e.message
	if message.Kind() != events.String || len(message) > 1<<10 {
		return false
	}
	text := message.String()
	return strings.HasPrefix(text, "[Operation Cancelled]") &&
		(strings.Contains(text, "User did not allow tool call") || strings.Contains(text, "User denied execution"))
}

// callEnd writes that a call ended, unless it is known to have, and reports whether it did.
func (d *geminiDecoder) callEnd(id events.Value, e geminiEnd) bool {
	call, _ := d.calls.get(id)
	if call.ended {
		return false
	}
	if call.tool != nil {
		e.tool = call.tool
	}
	ms, timed := call.took, call.timed
	if !timed && !call.began.IsZero() && d.at.After(call.began) {
		ms, timed = float64(d.at.Sub(call.began))/float64(time.Millisecond), true
	}
	if id != nil {
		call.ended = true
		d.calls.set(id, call)
	}
	switch {
	case e.outcome != succeeded && e.refused():
		d.decision(id, e.tool, "deny", "user")
	case e.outcome == failed:
		d.open(events.TypeToolCallFailure, "")
		d.meta("call_id", id)
		if timed {
			d.metaKey("duration_ms")
			d.dst = events.AppendFloat(d.dst, ms)
		}
		d.keys()
		d.text("tool_name", e.tool)
		d.text("error_type", e.errorType)
		if e.message == nil {
			e.message = e.result
		}
		d.preview("error_message", e.message)
		d.end()
	default:
		d.open(events.TypeToolCallComplete, "")
		d.meta("call_id", id)
		d.keys()
		d.text("tool_name", e.tool)
		d.string("status", e.status())
		d.float("duration_ms", ms)
		d.preview("result_preview", e.result)
		d.end()
	}
	return true
}

// decision writes what was decided about a call.
func (d *geminiDecoder) decision(id, tool events.Value, action, by string) {
	d.open(events.TypeToolPolicyDecision, "")
	d.meta("call_id", id)
	d.metaString("decision", action)
	d.metaString("decided_by", by)
	d.keys()
	d.text("tool_name", tool)
	d.string("action", action)
	d.string("policy_source", by)
	d.end()
}

// geminiUsage reads the tokens of a message. The input includes what was cached; the
// output does not include thoughts, if the total says so.
func geminiUsage(v events.Value) usage {
	return tokensOf(count(v.Lookup("input")), count(v.Lookup("output")), count(v.Lookup("thoughts")),
		count(v.Lookup("cached")), count(v.Lookup("tool")), count(v.Lookup("total")))
}

func tokensOf(input, output, thoughts, cached, tool, total int64) usage {
	const most = 1 << 53 // so that sums do not overflow
	for _, n := range [...]*int64{&input, &output, &thoughts, &cached, &tool, &total} {
		*n = min(*n, most)
	}
	if total == 0 || input+output+thoughts <= total {
		output += thoughts
	}
	if total == 0 || input+output+tool <= total {
		input += tool
	}
	return usage{input: max(0, input-cached), output: output, cacheRead: cached}
}
