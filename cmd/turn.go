package cmd

import (
	"container/list"

	"auditctl/pkg/events"
)

type turnID struct{ session, turn string }

// A turn is what came of a turn so far.
type turn struct {
	turnID
	agent      string
	start, end events.Event
	nodes      []node
	place      *list.Element // among the open turns
	bytes      int

	// By tool, in their order: the calls that something was decided about and
	// that were not attempted yet, and those that were but did not end.
	planned, running map[string][]*call
}

// A node is a call, or an event of any other kind.
type node struct {
	call  *call
	event events.Event
}

// A call is one use of a tool: what was decided about it, the attempt, and how
// it ended. Any of them may be missing.
type call struct {
	tool             string
	decisions        []events.Event
	attempt, outcome events.Event
	denied           bool // the last word of the policy was no
}

// add puts an event where it belongs.
func (t *turn) add(e events.Event) {
	eventType := e.Type()
	tool := textOf(e.Lookup("tool_name"))
	switch eventType {
	case events.TypeTurnStart:
		if t.start.Line() == nil {
			t.start = e
			return
		}
	case events.TypeTurnEnd:
		t.end = e
		return
	case events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeHookMutation:
		if tool != "" {
			t.decide(tool, e)
			return
		}
	case events.TypeToolCallAttempt:
		t.attempt(tool, e)
		return
	case events.TypeToolCallComplete, events.TypeToolCallFailure:
		t.finish(tool, e)
		return
	}
	t.nodes = append(t.nodes, node{event: e})
}

// decide adds a decision to the call of a tool that is to come. One that follows
// on a decision of the policy is about another call if it is the policy's too.
func (t *turn) decide(tool string, e events.Event) {
	planned := t.planned[tool]
	if last := len(planned) - 1; last >= 0 {
		c := planned[last]
		if e.Type() != events.TypeToolPolicyDecision || c.lastDecision() != events.TypeToolPolicyDecision {
			c.decide(e)
			return
		}
		if c.denied {
			planned = planned[:last]
		}
	}
	c := t.newCall(tool)
	c.decide(e)
	t.planned[tool] = append(planned, c)
}

// attempt begins the first call of a tool that is planned, or one that is not.
func (t *turn) attempt(tool string, e events.Event) {
	var c *call
	if planned := t.planned[tool]; len(planned) > 0 && !planned[0].denied { // only the last can be
		c, t.planned[tool] = planned[0], planned[1:]
	} else {
		c = t.newCall(tool)
	}
	c.attempt = e
	t.running[tool] = append(t.running[tool], c)
}

// finish ends the first call of a tool that runs, or one whose attempt is not
// known.
func (t *turn) finish(tool string, e events.Event) {
	if running := t.running[tool]; len(running) > 0 {
		running[0].outcome = e
		t.running[tool] = running[1:]
		return
	}
	t.newCall(tool).outcome = e
}

func (t *turn) newCall(tool string) *call {
	c := &call{tool: tool}
	t.nodes = append(t.nodes, node{call: c})
	return c
}

// lastDecision returns the type of the last decision.
func (c *call) lastDecision() string {
	if len(c.decisions) == 0 {
		return ""
	}
	return c.decisions[len(c.decisions)-1].Type()
}

func (c *call) decide(e events.Event) {
	c.decisions = append(c.decisions, e)
	if e.Type() == events.TypeToolPolicyDecision {
		c.denied = events.Denies(textOf(e.Lookup("action")))
	}
}

// duration returns how many milliseconds the call took: as its outcome says, or
// between the timestamps; below zero if that is not known.
func (c *call) duration() float64 {
	if c.outcome.Line() == nil {
		return -1
	}
	if ms, ok := c.outcome.Lookup("duration_ms").Float(); ok {
		return ms
	}
	if c.attempt.Line() == nil {
		return -1
	}
	return between(c.attempt, c.outcome)
}

// between returns the milliseconds from one event to another, below zero if they
// are not known.
func between(from, to events.Event) float64 {
	start, ok := from.Lookup("timestamp").Time()
	end, ok2 := to.Lookup("timestamp").Time()
	if !ok || !ok2 {
		return -1
	}
	return milliseconds(start, end)
}
