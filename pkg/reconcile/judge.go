package reconcile

import (
	"slices"
	"strings"
)

// A sight is whether a record could have seen a call.
type sight uint8

const (
	present      sight = iota // it could, while it lasted
	before                    // it began later
	after                     // it ended earlier
	otherAgent                // it has the session, but not the subagent
	otherSession              // it does not have the session
	cannotSee                 // it is of another kind
)

// sees returns whether a record could have seen a call.
func (rec *record) sees(c *call) sight {
	if len(rec.sources) == 0 {
		return present
	}
	best := cannotSee
	for _, src := range rec.sources {
		best = min(best, src.sees(c))
	}
	return best
}

func (src *source) sees(c *call) sight {
	switch {
	case src.kind == MCP && !src.hasToolOf(c),
		src.kind == OTLP && !c.ran(),
		(src.kind == OTLP || src.kind == Hooks) && c.isProviders(),
		src.kind == Hooks && c.prevented() == Refused:
		return cannotSee
	case !src.kind.isTranscript():
		return src.span.sight(c.time(), src)
	}
	best := otherSession
	for i := range c.sides {
		s := &c.sides[i]
		switch {
		case s.sessionHash == 0:
			best = min(best, src.span.sight(c.time(), src))
		case src.sessions[s.sessionHash] == nil && !src.crowded:
		case s.agent != 0 && src.kind == ClaudeCode && !src.hasAgent(s):
			best = min(best, otherAgent)
		default:
			best = min(best, src.spanOf(s.sessionHash).sight(c.time(), src))
		}
	}
	return best
}

func (src *source) hasAgent(s *side) bool {
	_, ok := src.agents[agentKey{s.sessionHash, s.agent}]
	return ok || len(src.agents) == maxAgents
}

// spanOf returns the span of a session in a transcript, else that of the source.
func (src *source) spanOf(session uint64) *span {
	if of := src.sessions[session]; of != nil && src.kind.isTranscript() {
		return of
	}
	return &src.span
}

// sight returns whether a time by the common clock is in the span, which is by that of src.
func (s *span) sight(t instant, src *source) sight {
	switch {
	case !t.known() || !s.first.known():
		return present
	case t+src.ahead < s.first:
		return before
	case t+src.ahead > s.last:
		return after
	}
	return present
}

// hasToolOf reports whether the call is of a tool of the source's MCP servers. If no call
// showed how the client calls these, it is so if the name of the tool is theirs.
func (src *source) hasToolOf(c *call) bool {
	for i := range c.sides {
		tool, server := c.sides[i].plainTool()
		_, isTool := src.tools[tool]
		_, isServer := src.servers[server]
		if isTool && server != "" && (isServer || len(src.servers) == 0) {
			return true
		}
	}
	return false
}

// ran reports whether some source says that the call ran to its end.
func (c *call) ran() bool {
	for i := range c.sides {
		if c.sides[i].outcome().ran() {
			return true
		}
	}
	return false
}

// isProviders reports whether the call is of a tool that the model's provider runs.
func (c *call) isProviders() bool { return strings.HasPrefix(c.sides[0].id, "srvtoolu_") }

// judge counts a call, and finds what is the matter with it.
func (r *Reconciler) judge(c *call) {
	r.result.calls++
	slices.SortFunc(c.sides, func(x, y side) int { return x.source.number - y.source.number })
	prevented := c.prevented()
	lacked := false
	var missing []*record
	for _, rec := range r.records {
		if c.isIn(rec) {
			rec.calls++
			continue
		}
		sees := rec.sees(c)
		switch {
		case prevented != "" && sees == present:
			lacked = true
		case sees == present && rec.lacksSession(c):
			r.result.addSession(c, rec, true)
			rec.missing++
			rec.miss(c)
		case sees == present:
			missing = append(missing, rec)
			rec.missing++
			rec.miss(c)
		case prevented != "":
		case sees == otherSession:
			r.result.addSession(c, rec, false)
		case sees != cannotSee:
			rec.notCompared[sees]++
		}
	}
	switch {
	case len(missing) > 0:
		r.result.add(r.finding(Missing, c, missing))
	case lacked:
		r.result.add(r.finding(Kept, c, nil))
	}
	if len(c.sides) < 2 {
		return
	}
	switch {
	case c.deniedAndRan():
		r.result.add(r.finding(DeniedButRan, c, nil))
	case c.endedDifferently():
		r.result.add(r.finding(EndedDifferently, c, nil))
	}
	var noEnd, noAttempt []*record
	for _, rec := range r.records {
		switch {
		case !c.isIn(rec):
		case rec.lacksEnd(c):
			noEnd = append(noEnd, rec)
		case rec.lacksAttempt(c):
			noAttempt = append(noAttempt, rec)
		}
	}
	if len(noEnd) > 0 {
		r.result.add(r.finding(NoEndIn, c, noEnd))
	}
	if len(noAttempt) > 0 {
		r.result.add(r.finding(NoAttemptIn, c, noAttempt))
	}
}

// maxMissed is how many times of missing calls are kept of a record.
const maxMissed = 1 << 20

func (rec *record) miss(c *call) {
	if t := c.time(); t.known() && len(rec.missed) < maxMissed && len(rec.sources) > 0 {
		rec.missed = append(rec.missed, t+rec.sources[0].ahead)
	}
}

// lacksSession reports whether the record has nothing of the call's session, by whatever name.
func (rec *record) lacksSession(c *call) bool {
	for i := range c.sides {
		session := c.sides[i].sessionHash
		if session == 0 || slices.ContainsFunc(rec.sources, func(src *source) bool {
			_, other := src.others[session]
			return other || src.kind == MCP || src.knows(session)
		}) {
			return false
		}
	}
	return true
}

// deniedAndRan reports whether one source says that the call was denied, and another that
// it ran.
func (c *call) deniedAndRan() bool {
	isDenied := false
	for i := range c.sides {
		isDenied = isDenied || c.sides[i].outcome() == Denied
	}
	return isDenied && c.ran()
}

// endedDifferently reports whether two sources contradict each other about the end.
func (c *call) endedDifferently() bool {
	well, badly := false, false
	for i := range c.sides {
		switch s := &c.sides[i]; {
		case s.guessed:
			return false
		case s.outcome() == OK:
			well = true
		case s.outcome() == Failed, s.outcome() == Refused:
			badly = true
		}
	}
	return well && badly
}

// lacksEnd reports whether the record has no end of the call although another one has, and
// it has ends of others and lasted long enough.
func (rec *record) lacksEnd(c *call) bool {
	over, could := unknown, false
	for i := range c.sides {
		s := &c.sides[i]
		switch {
		case s.source.record == rec && s.outcome() != NoEnd:
			return false
		case s.source.record != rec && s.outcome().ran() && !s.guessed:
			if over = s.over; over.known() {
				over -= s.source.ahead
			}
			could = true
		}
	}
	if !could {
		return false
	}
	for i := range c.sides {
		if s := &c.sides[i]; s.source.record == rec && s.source.ends > 0 && s.source.spanOf(s.sessionHash).sight(over, s.source) == present {
			return true
		}
	}
	return false
}

// lacksAttempt is lacksEnd for the attempt. In OpenTelemetry it is often not told.
func (rec *record) lacksAttempt(c *call) bool {
	began, could := unknown, false
	for i := range c.sides {
		s := &c.sides[i]
		switch {
		case s.source.record == rec && s.attempted:
			return false
		case s.source.record != rec && s.attempted:
			if began = s.began; began.known() {
				began -= s.source.ahead
			}
			could = true
		}
	}
	if !could {
		return false
	}
	for i := range c.sides {
		if s := &c.sides[i]; s.source.record == rec && s.source.kind != OTLP && s.source.attempts > 0 && s.source.spanOf(s.sessionHash).sight(began, s.source) == present {
			return true
		}
	}
	return false
}
