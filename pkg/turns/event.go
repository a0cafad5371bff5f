package turns

import "auditctl/pkg/events"

// An event is what a Grouper needs to know of one.
type event struct {
	events.Event
	kind                 string // its event_type, empty for those without a meaning here
	session, turn, agent string
	tool, callID         string
	parent               string // parent_call_id
	below                bool   // the event may belong below a call, so it is kept from those of other agents
}

// read reads the event that s scanned, and notes the agent that it says was begun.
func (g *Grouper) read(s *events.Scanner, scanned events.Event) event {
	e := event{
		Event:   scanned,
		kind:    kindOf(s),
		session: lookup(s, "session_id"),
		turn:    lookup(s, "turn_id"),
		tool:    lookup(s, "tool_name"),
	}
	if e.kind == events.TypeToolCallAttempt || e.kind == events.TypeAgentSwitch || e.isEnd() || e.decides() {
		e.callID = callID(s)
	}
	decoded := false
	metadata := s.Lookup("metadata")
	if len(metadata) > len(`{}`) {
		for key, val := range metadata.Members() {
			switch string(key) {
			case "parent_call_id":
				e.parent = textOf(val)
			case "source":
				decoded = val.Kind() == events.Object
			}
		}
	}
	if e.parent == "" && e.callID == "" && !decoded && g.agents.none() {
		return e
	}
	e.agent = lookup(s, "agent_id")
	if e.kind == events.TypeAgentSwitch {
		if e.callID == "" { // then it is the call that began the other agent, not this one
			e.callID, e.parent = e.parent, ""
		}
		if to := lookup(s, "to_agent"); e.callID != "" && to != "" && to != e.agent {
			g.agents.tell(agentKey{e.session, to}, e.callID)
		}
	}
	mayBe := decoded && e.session != "" && (e.turn != "" || !g.Live)
	e.below = e.parent != "" || e.agent != "" && (mayBe || g.agents.isTold(agentKey{e.session, e.agent}))
	return e
}

// kindOf returns the type of the event that s scanned if it means something to a Grouper.
func kindOf(s *events.Scanner) string {
	eventType := s.Text(s.Lookup("event_type"))
	for _, kind := range kinds {
		if string(eventType) == kind {
			return kind
		}
	}
	return ""
}

var kinds = []string{
	events.TypeToolCallAttempt, events.TypeToolCallComplete, events.TypeToolPolicyDecision, events.TypeTurnStart,
	events.TypeTurnEnd, events.TypeToolCallFailure, events.TypeSandboxDecision, events.TypeHookMutation, events.TypeAgentSwitch,
}

func (e *event) isEnd() bool {
	return e.kind == events.TypeToolCallComplete || e.kind == events.TypeToolCallFailure
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

// decides reports whether the event is a decision about a call.
func (e *event) decides() bool {
	switch e.kind {
	case events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeHookMutation:
		return true
	}
	return false
}
