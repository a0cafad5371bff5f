package dialect

import (
	"strings"

	"auditctl/pkg/events"
)

// subagent writes that a call began another agent, or that it ended.
func (d *copilotDecoder) subagent(agent events.Value) {
	id := d.data.callID
	call, _ := d.calls.get(id)
	d.parent, d.agent = call.parent, call.parent
	if agent == nil {
		agent = id
	}
	from, to := d.agent, agent
	severity := events.SeverityInfo
	if string(d.kind) != `"subagent.started"` {
		from, to = to, from
	}
	if string(d.kind) == `"subagent.failed"` {
		severity = events.SeverityError
	}
	d.openEvent(events.TypeAgentSwitch, severity)
	d.meta("call_id", id)
	d.meta("model", d.data.model)
	d.meta("duration_ms", d.data.value.Lookup("durationMs"))
	d.metaPreview("error", d.data.failure)
	d.keys()
	d.text("from_agent", from)
	d.text("to_agent", to)
	d.text("reason", d.data.value.Lookup("agentName"))
	d.end()
}

func (d *copilotDecoder) skill() {
	d.openEvent(events.TypeSkillUsed, "")
	d.meta("path", d.data.value.Lookup("path"))
	d.keys()
	d.text("skill_name", d.data.value.Lookup("name"))
	d.string("version", "")
	d.string("outcome", "unknown")
	d.float("duration_ms", 0)
	d.key("triggered_automatically")
	d.dst = append(d.dst, "true"...)
	d.end()
}

// hookEnd writes what a hook decided or changed.
func (d *copilotDecoder) hookEnd() {
	tool, _ := d.hooks.get(d.data.value.Lookup("hookInvocationId"))
	output := d.data.value.Lookup("output")
	told := false
	switch action := output.Lookup("permissionDecision").String(); action {
	case "allow", "deny", "ask":
		d.openEvent(events.TypeToolPolicyDecision, "")
		d.metaString("decision", action)
		d.metaString("decided_by", "hook")
		d.metaPreview("reason", output.Lookup("permissionDecisionReason"))
		d.keys()
		d.text("tool_name", tool)
		d.string("action", action)
		d.string("policy_source", "hook")
		d.end()
		told = true
	}
	for _, field := range [...]string{"modifiedArgs", "modifiedResult"} {
		if output.Lookup(field).NonNull() != nil {
			d.openEvent(events.TypeHookMutation, "")
			d.keys()
			d.text("hook_name", d.data.value.Lookup("hookType"))
			d.text("tool_name", tool)
			d.string("mutated_field", strings.ToLower(strings.TrimPrefix(field, "modified")))
			d.end()
			told = true
		}
	}
	if told {
		return
	}
	severity := events.SeverityDebug
	if string(d.data.success) == "false" {
		severity = events.SeverityWarning
	}
	d.openOther(severity)
	d.metaPreview("error", d.data.failure.Lookup("message"))
	d.keys()
	d.end()
}
