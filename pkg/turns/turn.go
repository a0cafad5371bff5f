package turns

import (
	"container/list"

	"auditctl/pkg/events"
)

// An ID says which turn of which session a turn is.
type ID struct{ Session, Turn string }

// A Turn is what is known of a turn.
type Turn struct {
	ID
	Agent      string       // of its first event that names one
	Start, End events.Event // zero where they were not seen
	Nodes      []Node       // all between them, in the order in which they began

	place *list.Element // among the open turns
	bytes int           // that it holds

	// The calls that something was decided about and that were not attempted yet: by
	// tool, in their order, those without a call id.
	planned     map[string][]*Call
	plannedByID map[string]*Call
}

// A Node is a call, or an event that belongs to none.
type Node struct {
	Call  *Call
	Event events.Event // if Call is nil
}

// A Call is one use of a tool: what was decided about it, the attempt, and how it
// ended. Any of them may be missing.
type Call struct {
	Tool         string
	Decisions    []events.Event // of policy, sandbox and hooks
	Attempt, End events.Event   // zero where they were not seen
	Denied       bool           // the policy's last decision was no

	turn *Turn
	open *OpenCall[*Call] // nil if it was not attempted, and once it has ended
}

// Duration returns how many milliseconds the turn took, and 0 and false if
// that is not known.
func (t *Turn) Duration() (ms float64, ok bool) { return between(t.Start, t.End) }

// Duration returns how many milliseconds the call took, as its end says or else from
// one timestamp to the other, and false if that is not known.
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
	// A time.Duration ends at 292 years.
	return float64(end.Unix()-start.Unix())*1000 + float64(end.Nanosecond()-start.Nanosecond())/1e6, true
}

// decide adds a decision to the call of a tool that is to come. One that follows
// a decision of the policy is about another call if it is the policy's too, unless it
// says by a call id which one it is about.
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

// attempt begins the call that is planned with a call id, else the first one of the tool
// that is planned without, or one that is not planned.
func (t *Turn) attempt(tool, id string, e events.Event) *Call {
	c := t.plannedByID[id]
	planned := t.planned[tool]
	switch {
	case c != nil:
		delete(t.plannedByID, id)
	case len(planned) > 0 && !planned[0].Denied: // only the last can be
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

// textOf returns the text of a value, empty where it is null.
func textOf(val events.Value) string { return val.NonNull().String() }
