package turns

import (
	"container/list"

	"auditctl/pkg/events"
)

// An ID identifies a turn. Turn is never empty.
type ID struct{ Session, Turn string }

// A Turn holds the events of one turn.
type Turn struct {
	ID
	Agent      string       // the agent_id of its first event that has one
	Start, End events.Event // zero if not seen
	Nodes      []Node       // everything in between, in the order it began

	place *list.Element // among the open turns
	bytes int           // held

	// The calls that were decided about but not attempted yet: those without a call id
	// by tool, oldest first, and those with one by that.
	planned     map[string][]*Call
	plannedByID map[string]*Call
}

// A Node is a call, or an event that belongs to no call.
type Node struct {
	Call  *Call
	Event events.Event // if Call is nil
}

// A Call is one use of a tool: the decisions about it, its attempt and its end. Any of
// them may be missing.
type Call struct {
	Tool         string
	Decisions    []events.Event // of policy, sandbox and hooks
	Attempt, End events.Event   // zero if not seen
	Denied       bool           // by the last policy decision

	turn *Turn
	open *OpenCall[*Call] // nil unless attempted and not yet ended
}

// Duration returns how many milliseconds the turn took, by the timestamps of its start
// and end, and false if either is unknown.
func (t *Turn) Duration() (ms float64, ok bool) { return between(t.Start, t.End) }

// Duration returns how many milliseconds the call took: the duration_ms of its end, or
// else the time between its timestamps. It returns false if neither is known.
func (c *Call) Duration() (ms float64, ok bool) {
	if ms, ok := c.End.Lookup("duration_ms").Float(); ok {
		return ms, true
	}
	return between(c.Attempt, c.End)
}

func between(from, to events.Event) (ms float64, ok bool) {
	start, ok := from.Lookup("timestamp").Time()
	end, ok2 := to.Lookup("timestamp").Time()
	if !ok || !ok2 {
		return 0, false
	}
	// Not Sub: a time.Duration holds no more than 292 years.
	return float64(end.Unix()-start.Unix())*1000 + float64(end.Nanosecond()-start.Nanosecond())/1e6, true
}

// decide adds a decision to the call with its call id, or if it has none, to the next
// call of its tool: a policy decision that directly follows another one is then about a
// further call.
func (t *Turn) decide(tool, id string, e events.Event) {
	if id != "" {
		c := t.plannedByID[id]
		if c == nil {
			c = t.newCall(tool)
			t.plannedByID[id] = c
		}
		c.decide(e)
		return
	}
	planned := t.planned[tool]
	if last := len(planned) - 1; last >= 0 {
		c := planned[last]
		if e.Type() != events.TypeToolPolicyDecision || c.Decisions[len(c.Decisions)-1].Type() != events.TypeToolPolicyDecision {
			c.decide(e)
			return
		}
		if c.Denied {
			planned = planned[:last]
		}
	}
	c := t.newCall(tool)
	c.decide(e)
	t.planned[tool] = append(planned, c)
}

// attempt begins the planned call with a call id, else the first planned call of the
// tool without an id, else a new call.
func (t *Turn) attempt(tool, id string, e events.Event) *Call {
	c := t.plannedByID[id]
	planned := t.planned[tool]
	switch {
	case c != nil:
		delete(t.plannedByID, id)
	case len(planned) > 0 && !planned[0].Denied: // only the last can be denied
		c, t.planned[tool] = planned[0], planned[1:]
	default:
		c = t.newCall(tool)
	}
	c.Attempt = e
	return c
}

func (t *Turn) newCall(tool string) *Call {
	c := &Call{Tool: tool, turn: t}
	t.Nodes = append(t.Nodes, Node{Call: c})
	return c
}

func (c *Call) decide(e events.Event) {
	c.Decisions = append(c.Decisions, e)
	if e.Type() == events.TypeToolPolicyDecision {
		c.Denied = events.Denies(textOf(e.Lookup("action")))
	}
}

// textOf returns the text of a value, empty if it is null.
func textOf(val events.Value) string { return val.NonNull().String() }
