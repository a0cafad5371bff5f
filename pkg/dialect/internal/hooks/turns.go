package hooks

import "auditctl/pkg/events"

func (d *decoder) turnStart() {
	turn := d.keyOf(d.Session, d.Turn)
	d.calls.Set(turn.name(), 0)
	prompt := d.first("prompt")
	d.begin(events.TypeTurnStart)
	d.finish()
	d.w.Preview("prompt_preview", prompt)
	d.w.End()
}

func (d *decoder) turnEnd() {
	turn := d.keyOf(d.Session, d.Turn)
	d.ended.Add(turn.name())
	calls, _ := d.calls.Get(turn.name())
	content, messages := d.first("last_assistant_message", "prompt_response", "last-assistant-message"), d.first("input-messages")
	d.begin(events.TypeTurnEnd)
	d.w.MetaPreview("input-messages", messages)
	d.finish()
	d.w.Preview("content_preview", content)
	if d.r.Line > 0 { // else nobody counted
		d.w.Int("function_calls_count", calls)
	}
	d.w.End()
}

// turnFailure writes the error that a turn ended with, and its end.
func (d *decoder) turnFailure() {
	failure, details := d.r.Lookup("error"), d.r.Lookup("error_details")
	d.begin(events.TypeError)
	d.w.Keys()
	d.w.Text("error_type", failure)
	if details.NonNull() == nil {
		details = failure
	}
	d.w.Preview("error_message", details)
	d.w.String("error_context", d.name)
	d.w.End()
	d.turnEnd()
}

// agentStart writes that a subagent began, and the call that began it: the first open one
// for a subagent of its kind, a guess if there are several.
func (d *decoder) agentStart() {
	agent, kind := d.first("agent_id", "subagent_id"), d.first("agent_type", "subagent_type")
	if d.id == nil {
		d.id = d.first("tool_call_id")
	}
	guess := false
	if d.id == nil {
		d.id, guess = d.open.take(d.keyOf(d.Session, kind))
	}
	if agent != nil && d.id != nil && len(d.id) <= maxIDLength {
		key := d.keyOf(d.Session, agent)
		d.agents.Set(key.name(), d.id.String())
	}
	d.begin(events.TypeAgentSwitch)
	if guess {
		d.w.MetaTrue("guess")
	}
	d.finish()
	d.w.String("from_agent", "")
	d.w.Text("to_agent", agent)
	d.w.Text("reason", kind)
	d.w.End()
}

func (d *decoder) agentStop() {
	agent, kind := d.first("agent_id", "subagent_id"), d.first("agent_type", "subagent_type")
	message := d.first("last_assistant_message")
	d.begin(events.TypeAgentSwitch)
	d.w.MetaPreview("last_assistant_message", message)
	d.finish()
	d.w.Text("from_agent", agent)
	d.w.String("to_agent", "")
	d.w.Text("reason", kind)
	d.w.End()
}
