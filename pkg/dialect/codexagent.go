package dialect

import "auditctl/pkg/events"

// agentSwitch writes that a call began another agent, once an agent, and reports whether
// it has.
func (d *codexDecoder) agentSwitch(agent, reason events.Value) bool {
	if agent.Kind() != events.String || !d.agents.add(agent) {
		return false
	}
	d.open(events.TypeAgentSwitch, "")
	d.meta("call_id", d.p.callID)
	d.keys()
	d.text("from_agent", d.agent)
	d.text("to_agent", agent)
	d.text("reason", reason)
	d.end()
	return true
}

// spawned writes that the call of tool, if it is the one that begins agents, began the one
// that its output names.
func (d *codexDecoder) spawned(tool events.Value) {
	if string(tool) != `"spawn_agent"` || d.p.output.Kind() != events.String {
		return
	}
	d.head = d.p.output.AppendText(d.head[:0])
	if d.inner.Scan(d.head) == nil {
		d.agentSwitch(d.inner.Lookup("agent_id"), d.inner.Lookup("nickname"))
	}
}
