package dialect

import "auditctl/pkg/events"

// tool returns the name of the tool, which is Shell for Cursor's hooks about that one, and
// its arguments.
func (d *hookDecoder) tool() (name, arguments events.Value) {
	if d.name == "beforeShellExecution" || d.name == "afterShellExecution" {
		return events.Value(`"Shell"`), d.first("command")
	}
	return d.first("tool_name"), d.first("tool_input")
}

// attempt writes the attempt of a call. It may be told twice, if the call was put off.
func (d *hookDecoder) attempt(additional bool) {
	tool, arguments := d.tool()
	if !additional {
		session := d.keyOf(d.session)
		d.modern.add(session.name())
	}
	if d.id != nil && !d.open.begin(d.keyOf(d.session, d.id), d.id.String(), d.alike(tool, arguments)) {
		d.other(true)
		return
	}
	if d.agent == nil {
		turn := d.keyOf(d.session, d.turn)
		n, _ := d.calls.get(turn.name())
		d.calls.set(turn.name(), n+1)
	}
	d.begin(events.TypeToolCallAttempt)
	d.finish()
	d.w.text("tool_name", tool)
	d.w.preview("arguments_preview", arguments)
	d.w.end()
}

// end writes the end of a call by what the hook is known to say about it: Claude Code and
// Cursor have another hook for failures, Gemini CLI says it in the response, and Codex
// does not say.
func (d *hookDecoder) end() {
	switch {
	case d.name == "AfterTool" && d.r.Lookup("tool_response").Lookup("error").NonNull() != nil:
		d.failure()
	case d.r.Lookup("turn_id") != nil:
		d.complete("ended")
	default:
		d.complete("success")
	}
}

func (d *hookDecoder) complete(status string) {
	tool, _ := d.tool()
	d.endCall()
	took, result := d.took(), d.first("tool_response", "tool_output", "output", "result_json")
	if content := result.Lookup("llmContent"); d.name == "AfterTool" && content != nil {
		result = content
	}
	d.begin(events.TypeToolCallComplete)
	d.finish()
	d.w.text("tool_name", tool)
	d.w.string("status", status)
	d.w.float("duration_ms", max(took, 0))
	d.w.preview("result_preview", result)
	d.w.end()
}

// took returns the duration in milliseconds, negative if there is none.
func (d *hookDecoder) took() float64 { return duration(d.first("duration_ms", "duration"), 1) }

func (d *hookDecoder) failure() {
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
	took := d.took()
	d.begin(events.TypeToolCallFailure)
	if took >= 0 {
		d.w.metaKey("duration_ms")
		d.w.dst = events.AppendFloat(d.w.dst, took)
	}
	d.finish()
	d.w.text("tool_name", tool)
	d.w.text("error_type", kind)
	d.w.preview("error_message", message)
	d.w.end()
}

// ask writes that the user was asked to allow a call. The hook does not say which: it is
// the open one with this tool and these arguments, and a guess if there are several.
func (d *hookDecoder) ask() {
	tool, arguments := d.tool()
	guess := false
	if d.id == nil {
		key := d.keyOf(d.session, d.agent, tool, arguments)
		if d.id, guess = d.open.take(key); d.id == nil {
			d.id = d.open.only(key)
		}
	}
	d.begin(events.TypeToolPolicyDecision)
	d.w.metaString("decision", "ask")
	if guess {
		d.w.meta("guess", events.Value("true"))
	}
	d.finish()
	d.w.text("tool_name", tool)
	d.w.string("action", "ask")
	d.w.text("policy_source", d.r.Lookup("permission_mode").NonNull())
	d.w.end()
}

func (d *hookDecoder) deny(by, reason events.Value) {
	tool, _ := d.tool()
	d.endCall()
	d.begin(events.TypeToolPolicyDecision)
	d.w.metaString("decision", "deny")
	d.w.meta("decided_by", by)
	d.w.metaPreview("reason", reason)
	d.finish()
	d.w.text("tool_name", tool)
	d.w.string("action", "deny")
	d.w.text("policy_source", by)
	d.w.end()
}

// alike returns what the hooks that do not know a call's id say of it: its tool and
// arguments, and the kind of subagent that it begins.
func (d *hookDecoder) alike(tool, arguments events.Value) []hookKey {
	keys := []hookKey{d.keyOf(d.session, d.agent, tool, arguments)}
	if kind := subagentKind(tool, arguments); kind != nil {
		keys = append(keys, d.keyOf(d.session, kind))
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

func (d *hookDecoder) endCall() {
	if d.id != nil {
		d.open.end(d.keyOf(d.session, d.id), d.id.String())
	}
}
