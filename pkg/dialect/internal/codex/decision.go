package codex

import "auditctl/pkg/events"

// decision writes what was decided about a call.
func (d *decoder) decision(tool events.Value, action, by, source string) {
	call, known := d.calls.Get(d.p.callID)
	if known && call.tool != nil {
		tool = call.tool
	}
	d.open(events.TypeToolPolicyDecision, "")
	d.Meta("call_id", d.p.callID)
	d.MetaString("decision", action)
	d.MetaString("decided_by", by)
	d.MetaPreview("reason", d.p.value.Lookup("reason"))
	d.MetaPreview("rationale", d.p.value.Lookup("rationale"))
	d.Meta("risk_level", d.p.value.Lookup("risk_level"))
	d.Keys()
	d.Text("tool_name", tool)
	d.String("action", action)
	d.String("policy_source", source)
	d.End()
	if known && action == "deny" {
		d.calls.Set(d.p.callID, toolCall{tool: call.tool, ended: true, sure: true})
	}
}

// guardian writes what Codex's own reviewer decided, and reports whether it has.
func (d *decoder) guardian() bool {
	action := ""
	switch string(d.p.status) {
	case `"approved"`:
		action = "allow"
	case `"denied"`, `"timed_out"`:
		action = "deny"
	default:
		return false
	}
	if id := d.p.value.Lookup("target_item_id").NonNull(); id != nil {
		d.p.callID = id
	}
	about := d.p.value.Lookup("action")
	tool := about.Lookup("tool_name")
	if tool == nil {
		tool = about.Lookup("type")
	}
	d.decision(tool, action, "guardian", "guardian")
	return true
}
