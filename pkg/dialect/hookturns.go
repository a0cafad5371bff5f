package dialect

import "auditctl/pkg/events"

func (d *hookDecoder) turnStart() {
	turn := d.keyOf(d.session, d.turn)
	d.calls.set(turn.name(), 0)
	prompt := d.first("prompt")
	d.begin(events.TypeTurnStart)
	d.finish()
	d.w.preview("prompt_preview", prompt)
	d.w.end()
}

func (d *hookDecoder) turnEnd() {
	turn := d.keyOf(d.session, d.turn)
	d.ended.add(turn.name())
	calls, _ := d.calls.get(turn.name())
	content, messages := d.first("last_assistant_message", "prompt_response", "last-assistant-message"), d.first("input-messages")
	d.begin(events.TypeTurnEnd)
	d.w.metaPreview("input-messages", messages)
	d.finish()
	d.w.preview("content_preview", content)
	d.w.int("function_calls_count", calls)
	d.w.end()
}

// turnFailure writes the error that a turn ended with, and its end.
func (d *hookDecoder) turnFailure() {
	failure, details := d.r.Lookup("error"), d.r.Lookup("error_details")
	d.begin(events.TypeError)
	d.w.keys()
	d.w.text("error_type", failure)
	if details.NonNull() == nil {
		details = failure
	}
	d.w.preview("error_message", details)
	d.w.string("error_context", d.name)
	d.w.end()
	d.turnEnd()
}

// agentStart writes that a subagent began, and the call that began it: the first open one
// for a subagent of its kind, a guess if there are several.
func (d *hookDecoder) agentStart() {
	agent, kind := d.first("agent_id", "subagent_id"), d.first("agent_type", "subagent_type")
	if d.id == nil {
		d.id = d.first("tool_call_id")
	}
	guess := false
	if d.id == nil {
		d.id, guess = d.open.take(d.keyOf(d.session, kind))
	}
	if agent != nil && d.id != nil && len(d.id) <= maxHookIDLength {
		key := d.keyOf(d.session, agent)
		d.agents.set(key.name(), d.id.String())
	}
	d.begin(events.TypeAgentSwitch)
	if guess {
		d.w.meta("guess", events.Value("true"))
	}
	d.finish()
	d.w.string("from_agent", "")
	d.w.text("to_agent", agent)
	d.w.text("reason", kind)
	d.w.end()
}

func (d *hookDecoder) agentStop() {
	agent, kind := d.first("agent_id", "subagent_id"), d.first("agent_type", "subagent_type")
	message := d.first("last_assistant_message")
	d.begin(events.TypeAgentSwitch)
	d.w.metaPreview("last_assistant_message", message)
	d.finish()
	d.w.text("from_agent", agent)
	d.w.string("to_agent", "")
	d.w.text("reason", kind)
	d.w.end()
}
