package gemini

import (
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// call writes that a call was asked for, and which agent it began, if that is new.
func (d *decoder) call(c *part) {
	if d.attempt(c.id, c.name, c.arguments) && c.agent != nil && d.agents.Add(c.agent) {
		d.open(events.TypeAgentSwitch, "")
		d.Meta("call_id", c.id)
		d.Keys()
		d.Text("from_agent", d.agent)
		d.Text("to_agent", c.agent)
		d.Text("reason", c.name)
		d.End()
	}
}

// result writes that a call ended, if it has.
func (d *decoder) result(c *part) {
	end := end{tool: c.name, result: c.display}
	end.response(firstResponse(c.result))
	if end.state(c.status) {
		d.callEnd(c.id, end)
	}
}

// attempt writes that a call was asked for, and reports whether that is new.
func (d *decoder) attempt(id, tool, arguments events.Value) bool {
	if id != nil {
		if _, known := d.calls.Get(id); known {
			return false
		}
		d.calls.Set(id, toolCall{tool: event.Kept(tool), began: d.at})
	}
	d.open(events.TypeToolCallAttempt, "")
	d.Meta("call_id", id)
	d.Meta("cwd", d.cwd)
	d.Keys()
	d.EndAttempt(tool, arguments)
	return true
}

// An end is what is told of the end of a call.
type end struct {
	event.Outcome
	tool      events.Value
	errorType events.Value
	message   events.Value // if it failed
	result    events.Value
}

// response reads the response of a function for the model: {"output": …} or {"error": …}.
func (e *end) response(v events.Value) {
	e.message = v.Lookup("error").NonNull()
	output := v.Lookup("output").NonNull()
	switch {
	case e.message != nil:
		e.Outcome = event.Failed
	case output != nil:
		e.Outcome = event.Succeeded
	}
	for _, result := range [...]events.Value{output, e.message, v} {
		if e.result == nil {
			e.result = result
		}
	}
}

// state reads the status of a call, and reports whether the call has ended.
func (e *end) state(status events.Value) bool {
	switch string(status) {
	case `"success"`:
		e.Outcome = event.Succeeded
	case `"error"`:
		e.Outcome = event.Failed
	case `"cancelled"`:
		e.Outcome = event.Interrupted
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
func (e *end) refused() bool {
	message := e.message
	if message.Kind() != events.String || len(message) > 1<<10 {
		return false
	}
	text := message.String()
	return strings.HasPrefix(text, "[Operation Cancelled]") &&
		(strings.Contains(text, "User did not allow tool call") || strings.Contains(text, "User denied execution"))
}

// callEnd writes that a call ended, unless it is known to have, and reports whether it did.
func (d *decoder) callEnd(id events.Value, e end) bool {
	call, _ := d.calls.Get(id)
	if call.ended {
		return false
	}
	if call.tool != nil {
		e.tool = call.tool
	}
	ms, timed := call.took, call.timed
	if !timed {
		ms, timed = event.MillisecondsBetween(call.began, d.at)
	}
	if id != nil {
		call.ended = true
		d.calls.Set(id, call)
	}
	switch {
	case e.Outcome != event.Succeeded && e.refused():
		d.decision(id, e.tool, "deny", "user")
	case e.Outcome == event.Failed:
		d.open(events.TypeToolCallFailure, "")
		d.Meta("call_id", id)
		if timed {
			d.MetaFloat("duration_ms", ms)
		}
		d.Keys()
		if e.message == nil {
			e.message = e.result
		}
		d.EndFailure(e.tool, e.errorType, e.message)
	default:
		d.open(events.TypeToolCallComplete, "")
		d.Meta("call_id", id)
		d.Keys()
		d.EndComplete(e.tool, e.Status(), ms, e.result)
	}
	return true
}

// decision writes what was decided about a call.
func (d *decoder) decision(id, tool events.Value, action, by string) {
	d.open(events.TypeToolPolicyDecision, "")
	d.Meta("call_id", id)
	d.MetaString("decision", action)
	d.MetaString("decided_by", by)
	d.Keys()
	d.Text("tool_name", tool)
	d.String("action", action)
	d.String("policy_source", by)
	d.End()
}
