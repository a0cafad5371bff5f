package dialect

import (
	"bytes"
	"time"

	"auditctl/pkg/events"
)

// A codexCall is what is remembered of a call.
type codexCall struct {
	tool  events.Value
	began time.Time
	ended bool
	sure  bool // whether it succeeded is known
}

// A codexEnd is what a record tells of the end of a call.
type codexEnd struct {
	outcome
	decidedBy string       // where denied
	errorType string       // where failed
	result    events.Value // or the error's message
	exitCode  events.Value
	ms        float64 // how long it took
	timed     bool    // ms is known
	begins    bool    // the record tells the arguments, too
}

// responseItem decodes what went between Codex and the model.
func (d *codexDecoder) responseItem() {
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
		call, _ := d.calls.get(p.callID)
		d.spawned(call.tool)
		d.callEnd(nil, d.outputOf(call.tool))
	case `"tool_search_output"`:
		d.callEnd(nil, codexEnd{outcome: outcomeOf(p.status), result: p.value.Lookup("tools")})
	case `"tool_result"`:
		exit := p.output.Lookup("exitCode")
		end := codexEnd{outcome: exitOutcome(exit), errorType: "exit_code", exitCode: exit, result: p.output.Lookup("stdout")}
		if end.outcome == failed {
			end.result = p.output.Lookup("stderr")
		}
		d.callEnd(p.name, end)
	case `"web_search_call"`, `"image_generation_call"`:
		d.hosted(-1)
	default:
		d.openOther(p.kind, events.SeverityDebug)
		for part := range p.value.Lookup("content").Elements() {
			d.metaPreview("content", part.Lookup("text"))
			break
		}
		d.keys()
		d.end()
	}
}

// callEvent decodes an event about a call, and reports whether the record is one.
func (d *codexDecoder) callEvent() bool {
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
		end := codexEnd{outcome: outcomeOf(p.status), errorType: "exit_code", exitCode: exit, result: v.Lookup("aggregated_output"), begins: true}
		if end.outcome == ended {
			end.outcome = exitOutcome(exit)
		}
		if end.outcome == denied && string(end.result) == `"exec command rejected by user"` {
			end.decidedBy = "user"
		}
		d.callEnd(events.Value(`"exec_command"`), end)
	case `"patch_apply_end"`:
		end := codexEnd{outcome: outcomeOf(p.status), errorType: "patch_failed", result: v.Lookup("stdout"), begins: true}
		if end.outcome == ended {
			end.outcome = boolOutcome(v.Lookup("success"))
		}
		if end.outcome == failed || end.outcome == denied {
			end.result = v.Lookup("stderr")
		}
		if end.outcome == denied && string(end.result) == `"patch rejected by user"` {
			end.decidedBy = "user"
		}
		p.arguments = v.Lookup("changes")
		d.callEnd(events.Value(`"apply_patch"`), end)
	case `"mcp_tool_call_end"`:
		invocation := p.invocation
		p.arguments = invocation.Lookup("arguments")
		d.callEnd(invocation.Lookup("tool"), mcpEnd(p.output))
	case `"dynamic_tool_call_response"`:
		end := codexEnd{outcome: boolOutcome(v.Lookup("success")), errorType: "tool_error", result: v.Lookup("content_items"), begins: true}
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
			if _, known := d.calls.get(id); known {
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
func (d *codexDecoder) attempt(tool, arguments events.Value) {
	if d.p.callID != nil {
		if _, known := d.calls.get(d.p.callID); known {
			d.other(d.p.kind)
			return
		}
		d.calls.set(d.p.callID, codexCall{tool: kept(tool), began: d.at})
	}
	d.attempts++
	d.open(events.TypeToolCallAttempt, "")
	d.meta("call_id", d.p.callID)
	d.meta("cwd", d.cwd)
	d.meta("namespace", d.p.namespace)
	d.meta("server", d.p.invocation.Lookup("server"))
	d.keys()
	d.text("tool_name", tool)
	d.preview("arguments_preview", arguments)
	d.end()
}

// callEnd writes that a call ended, unless it is known to have. Codex tells it twice: in an
// event with the status, and in the output for the model. The event comes first, but for
// commands that go on when their call has returned: these end with the output, and that
// they failed later makes the event an error.
func (d *codexDecoder) callEnd(tool events.Value, e codexEnd) {
	id := d.p.callID
	var call codexCall
	known := false
	if id != nil {
		call, known = d.calls.get(id)
	}
	if known && call.ended {
		severity := events.SeverityDebug
		if e.outcome == failed && !call.sure {
			severity = events.SeverityError
		}
		d.openOther(d.p.kind, severity)
		d.keys()
		d.end()
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
	if !e.timed && !call.began.IsZero() && d.at.After(call.began) {
		e.ms, e.timed = float64(d.at.Sub(call.began))/float64(time.Millisecond), true
	}
	if id != nil {
		d.calls.set(id, codexCall{tool: call.tool, ended: true, sure: e.outcome != ended})
	}
	switch e.outcome {
	case denied:
		d.decision(tool, "deny", e.decidedBy, e.decidedBy)
	case failed:
		d.open(events.TypeToolCallFailure, "")
		d.meta("call_id", id)
		d.meta("exit_code", e.exitCode)
		if e.timed {
			d.metaKey("duration_ms")
			d.dst = events.AppendFloat(d.dst, e.ms)
		}
		d.keys()
		d.text("tool_name", tool)
		d.string("error_type", e.errorType)
		d.preview("error_message", e.result)
		d.end()
	default:
		d.open(events.TypeToolCallComplete, "")
		d.meta("call_id", id)
		d.meta("exit_code", e.exitCode)
		d.keys()
		d.text("tool_name", tool)
		d.string("status", e.status())
		d.float("duration_ms", e.ms)
		d.preview("result_preview", e.result)
		d.end()
	}
}

// hosted writes a call that the model's provider ran, of which an event tells, and an
// item, which may lack the id. Of each pair the first counts. side is 1 for an event.
func (d *codexDecoder) hosted(side int) {
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
		_, known = d.calls.get(p.callID)
	}
	paired := d.searches*side < 0 && (p.callID == nil || side > 0)
	if d.searches += side; known || paired {
		d.other(p.kind)
		return
	}
	outcome := outcomeOf(p.status)
	if outcome == ended && side > 0 {
		outcome = succeeded
	}
	p.arguments = p.value.Lookup("action")
	if p.arguments == nil {
		p.arguments = p.value.Lookup("query")
	}
	d.callEnd(tool, codexEnd{outcome: outcome, errorType: "tool_error", result: result, begins: true})
}
