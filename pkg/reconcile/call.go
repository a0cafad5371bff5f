package reconcile

import "strings"

// A call is a call of a tool, as one source or several tell of it.
type call struct {
	keys      []uint64 // by which it is known
	idHash    uint64   // of the call id alone, 0 if there is none
	arguments string
	cut       bool // there is more of the arguments
	sides     []side
	into      *call // what it was joined into, nil if it is itself
	sampled   bool  // the differences of clocks that it shows are known
	tired     bool  // it stays no longer, although it has not ended
	gone      bool  // it left memory
	times     int   // how often it did; it may be used again for another call

	oneKey   [1]uint64
	twoSides [2]side
}

// A ref refers to a call until it leaves memory.
type ref struct {
	*call
	times int
}

// itself returns the call, or the one that it was joined into; nil if it has left memory.
func (of ref) itself() *call {
	c := of.call
	if c.times != of.times {
		return nil
	}
	for c.into != nil {
		c = c.into
	}
	if c.gone {
		return nil
	}
	return c
}

// A side is what a source tells of a call.
type side struct {
	source      *source
	place       Place // of the first event
	session     string
	id          string
	tool        string
	server      string
	agent       uint64
	sessionHash uint64
	began, over instant // by the source's clock; when it was attempted, and when it ended

	attempted bool
	decision  telling // denied, stopped or decided, nothing if there is none
	end       end
	guessed   bool // the end may be that of another call
}

// An end is how a call ended.
type end uint8

const (
	noEnd end = iota
	succeeded
	failed
	endedSomehow // it is not known how
	broken       // by the user, while it ran
	refused      // before it ran, since it was not valid or not allowed
)

// An Outcome is what a source says became of a call.
type Outcome string

// The outcomes.
const (
	OK          Outcome = "ok"
	Failed      Outcome = "failed"
	Ended       Outcome = "ended" // it is not known how
	Denied      Outcome = "denied"
	Interrupted Outcome = "interrupted"
	Refused     Outcome = "refused"
	NoEnd       Outcome = "no end"
)

// outcome returns what the source says became of the call. One that was denied did not run,
// although an end of it may say that it did well.
func (s *side) outcome() Outcome {
	switch {
	case s.decision == denied && s.end != failed:
		return Denied
	case s.decision == stopped && s.end != failed, s.end == broken:
		return Interrupted
	}
	return [...]Outcome{noEnd: NoEnd, succeeded: OK, failed: Failed, endedSomehow: Ended, refused: Refused}[s.end]
}

// ran reports whether an outcome means that the call ran to its end.
func (o Outcome) ran() bool { return o == OK || o == Failed || o == Ended }

// prevented reports whether an outcome means that the call did not run, or not to its end.
func (o Outcome) prevented() bool { return o == Denied || o == Interrupted || o == Refused }

// of returns what a source tells of the call, nil if it tells nothing.
func (c *call) of(src *source) *side {
	for i := range c.sides {
		if c.sides[i].source == src {
			return &c.sides[i]
		}
	}
	return nil
}

// isIn reports whether a record tells of the call.
func (c *call) isIn(r *record) bool {
	for i := range c.sides {
		if c.sides[i].source.record == r {
			return true
		}
	}
	return false
}

// time returns when a call began, or else ended, by the common clock.
func (c *call) time() instant {
	t := c.began()
	if !t.known() {
		t = c.over()
	}
	return t
}

func (c *call) began() instant { return c.when(func(s *side) instant { return s.began }) }

func (c *call) over() instant { return c.when(func(s *side) instant { return s.over }) }

// when returns the first of the known times of the sides, by the common clock.
func (c *call) when(of func(*side) instant) instant {
	for i := range c.sides {
		s := &c.sides[i]
		if t := of(s); t.known() {
			return t - s.source.ahead
		}
	}
	return unknown
}

// prevented returns what kept the call from running, "" if some source says that it ran or
// none says that it did not.
func (c *call) prevented() Outcome {
	var by Outcome
	for i := range c.sides {
		switch o := c.sides[i].outcome(); {
		case o.ran():
			return ""
		case o.prevented() && by == "":
			by = o
		}
	}
	return by
}

// plainTool returns the name that a tool has for its own MCP server, and how the client calls
// the server; "" if it is not known to be one of MCP.
func (s *side) plainTool() (tool, server string) {
	if rest, ok := strings.CutPrefix(s.tool, "mcp__"); ok {
		if server, tool, ok := strings.Cut(rest, "__"); ok {
			return tool, server
		}
	}
	if s.server == "" {
		return s.tool, ""
	}
	server = strings.TrimPrefix(s.server, "mcp__")
	return strings.TrimPrefix(s.tool, server+"-"), server
}
