package hooks

import (
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// tool returns the name of the tool, which is Shell for Cursor's hooks about that one, and
// its arguments.
func (d *decoder) tool() (name, arguments events.Value) {
	if d.name == "beforeShellExecution" || d.name == "afterShellExecution" {
		return events.Value(`"Shell"`), d.first("command")
	}
	return d.first("tool_name"), d.first("tool_input")
}

// attempt writes the attempt of a call. It may be told twice, if the call was put off.
func (d *decoder) attempt(additional bool) {
	tool, arguments := d.tool()
	if !additional {
		session := d.keyOf(d.Session)
		d.modern.Add(session.name())
	}
	if d.id != nil && !d.open.begin(d.keyOf(d.Session, d.id), d.id.String(), d.alike(tool, arguments)) {
		d.other(true)
		return
	}
	if d.Agent == nil {
		turn := d.keyOf(d.Session, d.Turn)
		n, _ := d.calls.Get(turn.name())
		d.calls.Set(turn.name(), n+1)
	}
	d.begin(events.TypeToolCallAttempt)
	d.finish()
	d.w.EndAttempt(tool, arguments)
}

// end writes the end of a call by what the hook is known to say about it: Claude Code and
// Cursor have another hook for failures, Gemini CLI says it in the response, and Codex
// does not say.
func (d *decoder) end() {
	switch {
	case d.name == "AfterTool" && d.r.Lookup("tool_response").Lookup("error").NonNull() != nil:
		d.failure()
	case d.r.Lookup("turn_id") != nil:
		d.complete("ended")
	default:
		d.complete("success")
	}
}

func (d *decoder) complete(status string) {
	tool, _ := d.tool()
	d.endCall()
	ms, _ := d.took()
	result := d.first("tool_response", "tool_output", "output", "result_json")
	if content := result.Lookup("llmContent"); d.name == "AfterTool" && content != nil {
		result = content
	}
	d.begin(events.TypeToolCallComplete)
	d.finish()
	d.w.EndComplete(tool, status, ms, result)
}

// took returns how many milliseconds the call took, and whether the hook says so.
func (d *decoder) took() (ms float64, ok bool) {
	return event.Milliseconds(d.first("duration_ms", "duration"), 1)
}

func (d *decoder) failure() {
	kind := d.first("failure_type", "error_type")
	message := d.first("error", "error_message")
	if d.name == "AfterTool" {
		d.first("tool_response")
		if message = d.r.Lookup("tool_response").Lookup("error"); message.Kind() == events.Object {
			kind, message = message.Lookup("type"), message.Lookup("message")
		}
	}
	if string(kind) == `"permission_denied"` {
		d.deny(nil, message)
		return
	}
	if string(d.first("is_interrupt")) == "true" {
		kind = events.Value(`"interrupted"`)
	}
	tool, _ := d.tool()
	d.endCall()
	ms, timed := d.took()
	d.begin(events.TypeToolCallFailure)
	if timed {
		d.w.MetaFloat("duration_ms", ms)
	}
	d.finish()
	d.w.EndFailure(tool, kind, message)
}

// ask writes that the user was asked to allow a call. The hook does not say which: it is
// the open one with this tool and these arguments, and a guess if there are several.
func (d *decoder) ask() {
	tool, arguments := d.tool()
	guess := false
	if d.id == nil {
		key := d.keyOf(d.Session, d.Agent, tool, arguments)
		if d.id, guess = d.open.take(key); d.id == nil {
			d.id = d.open.only(key)
		}
	}
	d.begin(events.TypeToolPolicyDecision)
	d.w.MetaString("decision", "ask")
	if guess {
		d.w.MetaTrue("guess")
	}
	d.finish()
	d.w.Text("tool_name", tool)
	d.w.String("action", "ask")
	d.w.Text("policy_source", d.r.Lookup("permission_mode").NonNull())
	d.w.End()
}

func (d *decoder) deny(by, reason events.Value) {
	tool, _ := d.tool()
	d.endCall()
	d.begin(events.TypeToolPolicyDecision)
	d.w.MetaString("decision", "deny")
	d.w.Meta("decided_by", by)
	d.w.MetaPreview("reason", reason)
	d.finish()
	d.w.Text("tool_name", tool)
	d.w.String("action", "deny")
	d.w.Text("policy_source", by)
	d.w.End()
}

// alike returns what the hooks that do not know a call's id say of it: its tool and
// arguments, and the kind of subagent that it begins.
func (d *decoder) alike(tool, arguments events.Value) []key {
	keys := []key{d.keyOf(d.Session, d.Agent, tool, arguments)}
	if kind := subagentKind(tool, arguments); kind != nil {
		keys = append(keys, d.keyOf(d.Session, kind))
	}
	return keys
}

// subagentKind returns the kind of subagent that a call begins, nil if it begins none.
func subagentKind(tool, arguments events.Value) events.Value {
	for _, key := range []string{"subagent_type", "agent_type"} {
		if kind := arguments.Lookup(key).NonNull(); kind != nil {
			return kind
		}
	}
	switch string(tool) {
	case `"Agent"`, `"Task"`:
		return events.Value(`"general-purpose"`)
	}
	return nil
}

func (d *decoder) endCall() {
	if d.id != nil {
		d.open.end(d.keyOf(d.Session, d.id), d.id.String())
	}
}
