package turns

import "auditctl/pkg/events"

// An event is what a Grouper needs to know of one.
type event struct {
	events.Event
	session, turn, agent string
	tool, callID         string
	parent               string // parent_call_id
	below                bool   // the event may belong below a call, so it is kept from those of other agents
}

// read reads the event that s scanned, and notes the agent that it says was begun.
func (g *Grouper) read(s *events.Scanner, scanned events.Event) event {
	e := event{
		Event:   scanned,
		session: lookup(s, "session_id"),
		turn:    lookup(s, "turn_id"),
		agent:   lookup(s, "agent_id"),
		tool:    lookup(s, "tool_name"),
		callID:  callID(s),
	}
	decoded := false
	if metadata := s.Lookup("metadata"); len(metadata) > len(`{}`) {
		for key, val := range metadata.Members() {
			switch string(key) {
			case "parent_call_id":
				e.parent = textOf(val)
			case "source":
				decoded = val.Kind() == events.Object
			}
		}
	}
	if e.Type() == events.TypeAgentSwitch && e.callID == "" {
		e.callID = e.parent // the call that began the other agent, not this one
		e.parent = ""
	}
	if to := lookup(s, "to_agent"); e.Type() == events.TypeAgentSwitch && e.callID != "" && to != "" && to != e.agent {
		g.agents.tell(agentKey{e.session, to}, e.callID)
	}
	mayBe := decoded && e.session != "" && (e.turn != "" || !g.Live)
	e.below = e.parent != "" || e.agent != "" && (mayBe || g.agents.isTold(agentKey{e.session, e.agent}))
	return e
}

func (e *event) isEnd() bool {
	return e.Type() == events.TypeToolCallComplete || e.Type() == events.TypeToolCallFailure
}

// callKey returns the key of the event's call, the zero one if it has none.
func (e *event) callKey() callKey {
	if e.callID == "" {
		return callKey{}
	}
	return callKey{e.session, e.callID}
}

// turnKey returns the key of the event's turn. Events of no agent that belong below a
// call are kept apart by that.
func (e *event) turnKey() turnKey {
	key := turnKey{session: e.session, turn: e.turn, below: e.below}
	switch {
	case e.below && e.agent != "":
		key.agent = e.agent
	case e.below:
		key.agent = "\x00" + e.parent
	}
	return key
}

// lookup returns the text of a key's value, empty if it is null.
func lookup(s *events.Scanner, key string) string { return string(s.Text(s.Lookup(key).NonNull())) }

// textOf returns the text of a value, empty if it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// decides reports whether events of a type are decisions about a call.
func decides(eventType string) bool {
	switch eventType {
	case events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeHookMutation:
		return true
	}
	return false
}
