package turns

import "auditctl/pkg/events"

// An ID identifies a turn. Turn is empty in that of a subagent's events without one, and
// of an event that belongs to no turn.
type ID struct{ Session, Turn string }

// A Turn holds the events of one turn.
type Turn struct {
	ID
	Agent      string       // the agent_id of its first event that has one
	Start, End events.Event // zero if not seen
	Nodes      []Node       // everything in between, in the order it began
	Loose      bool         // it is one event that belongs to no turn, which had to wait for its session

	key    turnKey
	first  stamp     // of its first event
	parent string    // the id of the call that it belongs below, if known
	agent  *agent    // that has it until it is taken, nil if there is none
	on     *turnList // of the shelf
	after  *Turn     // in it
	before *Turn
	bytes  int // held
	age    int64

	began, ended stamp // when its start and end were
	between      Span  // of the nodes that are no calls

	planned map[string]queue // the calls without a call id, by tool
	chunks  [][]byte         // with the lines of its events, but for long ones
}

// A turnKey identifies a turn: those of subagents by their agent, too.
type turnKey struct {
	session, turn, agent string
	below                bool // it may belong below a call
}

// A Node is a call, or an event that belongs to no call.
type Node struct {
	Call  *Call
	Event events.Event // if Call is nil
}

// A Call is one use of a tool: the decisions about it, its attempt and its end, and the
// agents that it began. Any of them may be missing.
type Call struct {
	Tool         string
	Decisions    []events.Event // of policy, sandbox and hooks
	Attempt, End events.Event   // zero if not seen
	Repeats      []events.Event // further attempts, before its end
	Denied       bool           // by the last policy decision
	Switches     []events.Event // to the agents that it began
	Below        []*Turn        // of these agents

	id           string
	turn         *Turn
	open         *OpenCall[*Call] // nil unless attempted and not yet ended
	began, ended int64            // the numbers of the events by which it did, 0 if none

	before, after *Call // in the queue of those that are planned

	attemptAt, endAt, decidedAt stamp // of its last decision
	ms                          float64
	timed                       bool // by ms, the duration_ms of its end
	status                      string
	attemptDecision             string // in metadata
	endDecision                 string
	decidedBy                   string // the type of the last decision
}

// Refused reports whether the call was denied and not attempted after that.
func (c *Call) Refused() bool { return c.Denied && (c.began == 0 || c.ended != 0) }

// Duration returns how many milliseconds the turn took, by the timestamps of its start
// and end, and false if either is unknown.
func (t *Turn) Duration() (ms float64, ok bool) { return between(t.began, t.ended) }

// Duration returns how many milliseconds the call took: the duration_ms of its end, or
// else the time between its timestamps. It returns false if neither is known.
func (c *Call) Duration() (ms float64, ok bool) {
	if c.timed {
		return c.ms, true
	}
	return between(c.attemptAt, c.endAt)
}

func between(start, end stamp) (ms float64, ok bool) {
	if !start.known || !end.known {
		return 0, false
	}
	// Not Sub: a time.Duration holds no more than 292 years.
	return float64(end.Unix()-start.Unix())*1000 + float64(end.Nanosecond()-start.Nanosecond())/1e6, true
}

// unfinished reports whether a call of the turn has an id and may still end.
func (t *Turn) unfinished() bool {
	for _, n := range t.Nodes {
		if c := n.Call; c != nil && c.id != "" && c.open != nil && !c.Refused() {
			return true
		}
	}
	return false
}

// accepts reports whether an event with the call's id belongs to the call. A further
// attempt or decision after its end is another call's: some programs use ids again.
func (c *Call) accepts(e *event) bool {
	switch {
	case e.kind == events.TypeAgentSwitch:
		return true
	case e.kind == events.TypeToolCallAttempt:
		return c.open != nil && c.Tool == e.tool
	case e.decides():
		return c.ended == 0 || c.open != nil || len(c.Decisions) == 0
	}
	return false
}

// planned reports whether the call was only decided about.
func (c *Call) planned() bool { return c.began == 0 && c.ended == 0 }

// attempted sets the attempt of the call.
func (c *Call) attempted(e *event, number int64) {
	c.Attempt, c.began, c.attemptAt, c.attemptDecision = e.Event, number, e.at, e.decision
}

// end sets the end of the call, which is kept.
func (c *Call) end(e *event, kept events.Event, number int64) {
	c.End, c.ended, c.endAt, c.endDecision = kept, number, e.at, e.decision
	c.status = e.status
	c.ms, c.timed = e.values[durationKey].Float()
}

// decide adds a decision, which is kept. number is that of the event if it came after the
// attempt.
func (c *Call) decide(e *event, kept events.Event, number int64) {
	c.Decisions, c.decidedAt, c.decidedBy = append(c.Decisions, kept), e.at, e.kind
	if e.kind == events.TypeToolPolicyDecision {
		c.Denied = events.Denies(e.action)
		if c.Denied && c.began != 0 && c.ended == 0 {
			c.ended = number
		}
	}
}

// looseTurn returns a turn of an event that belongs to none.
func looseTurn(e *event) *Turn {
	return &Turn{ID: ID{Session: e.session}, Loose: true, Nodes: []Node{{Event: e.Event}}, key: e.turnKey(), first: e.at}
}
