package turns

import "auditctl/pkg/events"

// An event is what a Grouper needs to know of one.
type event struct {
	events.Event
	at                   stamp
	values               *[keyCount]events.Value
	kind                 string // its event_type, empty for those without a meaning here
	session, turn, agent string
	tool, callID         string
	parent               string // parent_call_id
	decision             string // in its metadata
	status               string // of an end
	action               string // of a policy decision
	below                bool   // the event may belong below a call, so it is kept from those of other agents
}

// The keys that a Grouper looks at, those of call ids first.
const (
	typeKey = idCount + iota
	sessionKey
	turnIDKey
	toolKey
	metadataKey
	timestampKey
	agentIDKey
	statusKey
	durationKey
	actionKey
	keyCount
)

const idCount = 3 // len(idNames)

var readKeys = append(CallIDKeys(), "event_type", "session_id", "turn_id", "tool_name", "metadata", "timestamp", "agent_id", "status", "duration_ms", "action")

// read reads the event that s scanned, and notes the agent that it says was begun.
func (g *Grouper) read(s *events.Scanner, scanned events.Event) event {
	values := &g.values
	s.LookupAll(readKeys, values[:])
	name := func(key int) string { return g.known.of(s.Text(values[key].NonNull())) }
	e := event{
		Event:   scanned,
		values:  values,
		kind:    kindOf(s.Text(values[typeKey])),
		session: name(sessionKey),
		turn:    name(turnIDKey),
		tool:    name(toolKey),
	}
	e.at.Time, e.at.known = values[timestampKey].Time()
	metadata := values[metadataKey]
	if e.kind == events.TypeToolCallAttempt || e.kind == events.TypeAgentSwitch || e.isEnd() || e.decides() {
		if id := idOf(values[:idCount], metadata); id != nil {
			e.callID = string(s.Text(id))
		}
	}
	if e.isEnd() {
		e.status = name(statusKey)
	}
	if e.kind == events.TypeToolPolicyDecision {
		e.action = name(actionKey)
	}
	decoded := false
	if len(metadata) > len(`{}`) {
		for key, val := range metadata.Members() {
			switch string(key) {
			case "parent_call_id":
				e.parent = textOf(val)
			case "source":
				decoded = val.Kind() == events.Object
			case "decision":
				e.decision = textOf(val)
			}
		}
	}
	if e.parent == "" && e.callID == "" && !decoded && g.agents.none() {
		return e
	}
	e.agent = name(agentIDKey)
	if e.kind == events.TypeAgentSwitch {
		if e.callID == "" { // then it is the call that began the other agent, not this one
			e.callID, e.parent = e.parent, ""
		}
		if to := textOf(s.Lookup("to_agent")); e.callID != "" && to != "" && to != e.agent {
			g.agents.tell(agentKey{e.session, to}, e.callID)
		}
	}
	mayBe := decoded && e.session != "" && (e.turn != "" || !g.Live)
	e.below = e.parent != "" || e.agent != "" && (mayBe || g.agents.isTold(agentKey{e.session, e.agent}))
	return e
}

// kindOf returns an event_type if it means something to a Grouper.
func kindOf(eventType []byte) string {
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
