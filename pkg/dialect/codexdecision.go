package dialect

import "auditctl/pkg/events"

// decision writes what was decided about a call.
func (d *codexDecoder) decision(tool events.Value, action, by, source string) {
	call, known := d.calls.get(d.p.callID)
	if known && call.tool != nil {
		tool = call.tool
	}
	d.open(events.TypeToolPolicyDecision, "")
	d.meta("call_id", d.p.callID)
	d.metaString("decision", action)
	d.metaString("decided_by", by)
	d.metaPreview("reason", d.p.value.Lookup("reason"))
	d.metaPreview("rationale", d.p.value.Lookup("rationale"))
	d.meta("risk_level", d.p.value.Lookup("risk_level"))
	d.keys()
	d.text("tool_name", tool)
	d.string("action", action)
	d.string("policy_source", source)
	d.end()
	if known && action == "deny" {
		d.calls.set(d.p.callID, codexCall{tool: call.tool, ended: true, sure: true})
	}
}

// guardian writes what Codex's own reviewer decided, and reports whether it has.
func (d *codexDecoder) guardian() bool {
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
