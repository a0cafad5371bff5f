package codex

import "auditctl/pkg/events"

// agentSwitch writes that a call began another agent, once an agent, and reports whether
// it has.
func (d *decoder) agentSwitch(agent, reason events.Value) bool {
	if agent.Kind() != events.String || !d.agents.Add(agent) {
		return false
	}
	d.open(events.TypeAgentSwitch, "")
	d.Meta("call_id", d.p.callID)
	d.Keys()
	d.Text("from_agent", d.agent)
	d.Text("to_agent", agent)
	d.Text("reason", reason)
	d.End()
	return true
}

// spawned writes that the call of tool, if it is the one that begins agents, began the one
// that its output names.
func (d *decoder) spawned(tool events.Value) {
	if string(tool) != `"spawn_agent"` || d.p.output.Kind() != events.String {
		return
	}
	d.head = d.p.output.AppendText(d.head[:0])
	if d.inner.Scan(d.head) == nil {
		d.agentSwitch(d.inner.Lookup("agent_id"), d.inner.Lookup("nickname"))
	}
}
