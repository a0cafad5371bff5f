package copilotcli

import (
	"strings"

	"auditctl/pkg/events"
)

// subagent writes that a call began another agent, or that it ended.
func (d *decoder) subagent(agent events.Value) {
	id := d.data.callID
	call, _ := d.calls.Get(id)
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
	d.Meta("call_id", id)
	d.Meta("model", d.data.model)
	d.Meta("duration_ms", d.data.value.Lookup("durationMs"))
	d.MetaPreview("error", d.data.failure)
	d.Keys()
	d.Text("from_agent", from)
	d.Text("to_agent", to)
	d.Text("reason", d.data.value.Lookup("agentName"))
	d.End()
}

func (d *decoder) skill() {
	d.openEvent(events.TypeSkillUsed, "")
	d.Meta("path", d.data.value.Lookup("path"))
	d.Keys()
	d.Text("skill_name", d.data.value.Lookup("name"))
	d.String("version", "")
	d.String("outcome", "unknown")
	d.Float("duration_ms", 0)
	d.Key("triggered_automatically")
	d.Dst = append(d.Dst, "true"...)
	d.End()
}

// hookEnd writes what a hook decided or changed.
func (d *decoder) hookEnd() {
	tool, _ := d.hooks.Get(d.data.value.Lookup("hookInvocationId"))
	output := d.data.value.Lookup("output")
	told := false
	switch action := output.Lookup("permissionDecision").String(); action {
	case "allow", "deny", "ask":
		d.openEvent(events.TypeToolPolicyDecision, "")
		d.MetaString("decision", action)
		d.MetaString("decided_by", "hook")
		d.MetaPreview("reason", output.Lookup("permissionDecisionReason"))
		d.Keys()
		d.Text("tool_name", tool)
		d.String("action", action)
		d.String("policy_source", "hook")
		d.End()
		told = true
	}
	for _, field := range [...]string{"modifiedArgs", "modifiedResult"} {
		if output.Lookup(field).NonNull() != nil {
			d.openEvent(events.TypeHookMutation, "")
			d.Keys()
			d.Text("hook_name", d.data.value.Lookup("hookType"))
			d.Text("tool_name", tool)
			d.String("mutated_field", strings.ToLower(strings.TrimPrefix(field, "modified")))
			d.End()
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
	d.MetaPreview("error", d.data.failure.Lookup("message"))
	d.Keys()
	d.End()
}
