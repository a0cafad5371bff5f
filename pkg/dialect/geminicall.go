package dialect

import (
	"strings"
	"time"

	"auditctl/pkg/events"
)

// call writes that a call was asked for, and which agent it began, if that is new.
func (d *geminiDecoder) call(c *geminiPart) {
	if d.attempt(c.id, c.name, c.arguments) && c.agent != nil && d.agents.add(c.agent) {
		d.open(events.TypeAgentSwitch, "")
		d.meta("call_id", c.id)
		d.keys()
		d.text("from_agent", d.agent)
		d.text("to_agent", c.agent)
		d.text("reason", c.name)
		d.end()
	}
}

// result writes that a call ended, if it has.
func (d *geminiDecoder) result(c *geminiPart) {
	end := geminiEnd{tool: c.name, result: c.display}
	end.response(firstResponse(c.result))
	if end.state(c.status) {
		d.callEnd(c.id, end)
	}
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
