package codex

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// A toolCall is what is remembered of a call.
type toolCall struct {
	tool  events.Value
	began time.Time
	ended bool
	sure  bool // whether it succeeded is known
}

// An end is what a record tells of the end of a call.
type end struct {
	event.Outcome
	decidedBy string       // where denied
	errorType string       // where failed
	result    events.Value // or the error's message
	exitCode  events.Value
	ms        float64 // how long it took
	timed     bool    // ms is known
	begins    bool    // the record tells the arguments, too
}

// responseItem decodes what went between Codex and the model.
func (d *decoder) responseItem() {
	p := &d.p
	switch string(p.kind) {
	case `"function_call"`, `"custom_tool_call"`:
		d.attempt(p.name, p.arguments)
	case `"local_shell_call"`:
		if p.callID == nil {
			p.callID = p.id
		}
		d.attempt(events.Value(`"local_shell"`), p.value.Lookup("action"))
	case `"tool_search_call"`:
		d.attempt(events.Value(`"tool_search"`), p.arguments)
	case `"tool_call"`:
		d.attempt(p.value.Lookup("function").Lookup("name"), p.arguments)
	case `"function_call_output"`, `"custom_tool_call_output"`:
		call, _ := d.calls.Get(p.callID)
		d.spawned(call.tool)
		d.callEnd(nil, d.outputOf(call.tool))
	case `"tool_search_output"`:
		d.callEnd(nil, end{Outcome: event.OutcomeOf(p.status), result: p.value.Lookup("tools")})
	case `"tool_result"`:
		exit := p.output.Lookup("exitCode")
		end := end{Outcome: event.ExitOutcome(exit), errorType: "exit_code", exitCode: exit, result: p.output.Lookup("stdout")}
		if end.Outcome == event.Failed {
			end.result = p.output.Lookup("stderr")
		}
		d.callEnd(p.name, end)
	case `"web_search_call"`, `"image_generation_call"`:
		d.hosted(-1)
	default:
		d.openOther(p.kind, events.SeverityDebug)
		for part := range p.value.Lookup("content").Elements() {
			d.MetaPreview("content", part.Lookup("text"))
			break
		}
		d.Keys()
		d.End()
	}
}

// callEvent decodes an event about a call, and reports whether the record is one.
func (d *decoder) callEvent() bool {
	p := &d.p
	v := p.value
	switch string(p.kind) {
	case `"exec_command_begin"`:
		d.attempt(events.Value(`"exec_command"`), p.arguments)
	case `"patch_apply_begin"`:
		d.attempt(events.Value(`"apply_patch"`), v.Lookup("changes"))
	case `"mcp_tool_call_begin"`:
		p.arguments = p.invocation.Lookup("arguments")
		d.attempt(p.invocation.Lookup("tool"), p.arguments)
	case `"dynamic_tool_call_request"`:
		d.attempt(p.name, p.arguments)
	case `"exec_command_end"`:
		exit := v.Lookup("exit_code")
		end := end{Outcome: event.OutcomeOf(p.status), errorType: "exit_code", exitCode: exit, result: v.Lookup("aggregated_output"), begins: true}
		if end.Outcome == event.Ended {
			end.Outcome = event.ExitOutcome(exit)
		}
		if end.Outcome == event.Denied && string(end.result) == `"exec command rejected by user"` {
			end.decidedBy = "user"
		}
		d.callEnd(events.Value(`"exec_command"`), end)
	case `"patch_apply_end"`:
		end := end{Outcome: event.OutcomeOf(p.status), errorType: "patch_failed", result: v.Lookup("stdout"), begins: true}
		if end.Outcome == event.Ended {
			end.Outcome = event.BoolOutcome(v.Lookup("success"))
		}
		if end.Outcome == event.Failed || end.Outcome == event.Denied {
			end.result = v.Lookup("stderr")
		}
		if end.Outcome == event.Denied && string(end.result) == `"patch rejected by user"` {
			end.decidedBy = "user"
		}
		p.arguments = v.Lookup("changes")
		d.callEnd(events.Value(`"apply_patch"`), end)
	case `"mcp_tool_call_end"`:
		invocation := p.invocation
		p.arguments = invocation.Lookup("arguments")
		d.callEnd(invocation.Lookup("tool"), mcpEnd(p.output))
	case `"dynamic_tool_call_response"`:
		end := end{Outcome: event.BoolOutcome(v.Lookup("success")), errorType: "tool_error", result: v.Lookup("content_items"), begins: true}
		if message := v.Lookup("error").NonNull(); message != nil {
			end.result = message
		}
		d.callEnd(p.name, end)
	case `"web_search_end"`, `"image_generation_end"`:
		d.hosted(1)
	case `"exec_approval_request"`:
		d.decision(events.Value(`"exec_command"`), "ask", "", "")
	case `"apply_patch_approval_request"`:
		d.decision(events.Value(`"apply_patch"`), "ask", "", "")
	case `"guardian_assessment"`:
		return d.guardian()
	case `"collab_agent_spawn_end"`:
		return d.agentSwitch(v.Lookup("new_thread_id"), v.Lookup("new_agent_role"))
	case `"sub_agent_activity"`:
		if string(v.Lookup("kind")) != `"started"` {
			return false
		}
		if id := v.Lookup("event_id"); id != nil {
			if _, known := d.calls.Get(id); known {
				p.callID = id
			}
		}
		return d.agentSwitch(v.Lookup("agent_thread_id"), v.Lookup("agent_path"))
	default:
		return false
	}
	return true
}

// attempt writes that a call was asked for, unless that was told before.
func (d *decoder) attempt(tool, arguments events.Value) {
	if d.p.callID != nil {
		if _, known := d.calls.Get(d.p.callID); known {
			d.other(d.p.kind)
			return
		}
		d.calls.Set(d.p.callID, toolCall{tool: event.Kept(tool), began: d.at})
	}
	d.attempts++
	d.open(events.TypeToolCallAttempt, "")
	d.Meta("call_id", d.p.callID)
	d.Meta("cwd", d.cwd)
	d.Meta("namespace", d.p.namespace)
	d.Meta("server", d.p.invocation.Lookup("server"))
	d.Keys()
	d.EndAttempt(tool, arguments)
}

// callEnd writes that a call ended, unless it is known to have. Codex tells it twice: in an
// event with the status, and in the output for the model. The event comes first, but for
// commands that go on when their call has returned: these end with the output, and that
// they failed later makes the event an error.
func (d *decoder) callEnd(tool events.Value, e end) {
	id := d.p.callID
	var call toolCall
	known := false
	if id != nil {
		call, known = d.calls.Get(id)
	}
	if known && call.ended {
		severity := events.SeverityDebug
		if e.Outcome == event.Failed && !call.sure {
			severity = events.SeverityError
		}
		d.openOther(d.p.kind, severity)
		d.Keys()
		d.End()
		return
	}
	if !known && e.begins {
		d.attempt(tool, d.p.arguments)
	}
	if call.tool != nil {
		tool = call.tool
	}
	if !e.timed {
		e.ms, e.timed = d.p.took()
	}
	if !e.timed {
		e.ms, e.timed = event.MillisecondsBetween(call.began, d.at)
	}
	if id != nil {
		d.calls.Set(id, toolCall{tool: call.tool, ended: true, sure: e.Outcome != event.Ended})
	}
	switch e.Outcome {
	case event.Denied:
		d.decision(tool, "deny", e.decidedBy, e.decidedBy)
	case event.Failed:
		d.open(events.TypeToolCallFailure, "")
		d.Meta("call_id", id)
		d.Meta("exit_code", e.exitCode)
		if e.timed {
			d.MetaFloat("duration_ms", e.ms)
		}
		d.Keys()
		d.Text("tool_name", tool)
		d.String("error_type", e.errorType)
		d.Preview("error_message", e.result)
		d.End()
	default:
		d.open(events.TypeToolCallComplete, "")
		d.Meta("call_id", id)
		d.Meta("exit_code", e.exitCode)
		d.Keys()
		d.EndComplete(tool, e.Status(), e.ms, e.result)
	}
}

// hosted writes a call that the model's provider ran, of which an event tells, and an
// item, which may lack the id. Of each pair the first counts. side is 1 for an event.
func (d *decoder) hosted(side int) {
	p := &d.p
	tool := events.Value(`"web_search"`)
	result := p.value.Lookup("results")
	if bytes.HasPrefix(p.kind, []byte(`"image`)) {
		tool, result = events.Value(`"image_generation"`), p.value.Lookup("saved_path")
	}
	if p.callID == nil {
		p.callID = p.id.NonNull()
	}
	known := false
	if p.callID != nil {
		_, known = d.calls.Get(p.callID)
	}
	paired := d.searches*side < 0 && (p.callID == nil || side > 0)
	if d.searches += side; known || paired {
		d.other(p.kind)
		return
	}
	outcome := event.OutcomeOf(p.status)
	if outcome == event.Ended && side > 0 {
		outcome = event.Succeeded
	}
	p.arguments = p.value.Lookup("action")
	if p.arguments == nil {
		p.arguments = p.value.Lookup("query")
	}
	d.callEnd(tool, end{Outcome: outcome, errorType: "tool_error", result: result, begins: true})
}
