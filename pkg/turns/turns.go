// Package turns pairs the events of an audit log: attempts of tool calls with their
// ends, all events with the turn they belong to, and the turns of subagents with the
// calls that began them. It does so in one pass, in the order of the log.
//
// [Grouper] collects whole turns, for programs that show or compare them. [OpenCalls]
// only finds the attempt that an end belongs to, for programs that count, and keeps no
// events.
//
// # Pairing
//
// A tool_call_complete or tool_call_failure ends one open attempt:
//
//   - If the end has a call id (see [CallID]), it ends the latest open attempt of its
//     session with the same id, whatever its tool and turn. If there is no such
//     attempt, it ends none: another call's would be a guess.
//   - Otherwise it ends the oldest open attempt of the same tool in the same session
//     and turn, whether or not that attempt has an id.
//
// Keys that are absent or null count as equal. An attempt is open until it ends or the
// caller drops it to save memory; an end that comes after that does not find it.
//
// An attempt with the call id, session and tool of the latest open attempt with that id
// repeats it, whatever its turn: they are one call. Agents ask again before a call that had
// to wait.
//
// # Subagents
//
// A call may begin an agent, whose turns then belong below the call. These events say so:
//
//   - an agent_switch with a call id: all events of the agent to_agent in that session,
//     earlier ones too, belong below the call, if it is another agent than the event's own
//   - an event with a parent_call_id in its metadata: it belongs below that call, with
//     the other events of its agent in its turn
//
// An agent whose events were decoded from another program's log (they have a source in
// their metadata) may have been begun by a call that is told only later, so its events
// are never mixed with those of other agents. The events of subagents need no turn_id.
package turns

import (
	"encoding/binary"

	"auditctl/pkg/events"
)

// MaxHeld is the default of [Grouper.Limit], in bytes.
const MaxHeld = 64 << 20

// A Grouper collects events into turns, of which several may be open at a time. The
// zero Grouper is ready to use. It is not safe for concurrent use.
//
// A decision about a tool (tool_policy_decision, sandbox_decision, hook_mutation)
// belongs to the call of its session with the same call id, whether it comes before or
// after the attempt. If it has no call id, it belongs to the next attempt of that tool in
// the turn to which no decision belongs by id. Then a policy decision that directly
// follows another one is about a further call, and a call that the policy denied last is
// never attempted: the attempt that follows is another call. Logs that tell only the ends
// of calls have decisions before those.
type Grouper struct {
	Limit int // bytes to hold before Full returns true; 0 means MaxHeld

	// Live says that the events happen while they are added. Then a turn is returned when
	// it ends. Otherwise it, and what follows it in its session, is kept for TakeOldest if
	// one of its calls has an id and no end yet, or began an agent that was not seen yet.
	Live bool

	// Keep returns an event to hold in place of one that was added, whose bytes are valid
	// only until Add returns; nil: a copy. It is called once for each event that belongs to
	// a turn, and must not change the line.
	Keep func(events.Event) events.Event

	shelf
	calls  OpenCalls[*Call]
	byID   map[callKey]*Call // of turns on the shelf
	agents agents
	number int64 // of the event at hand

	known  names
	values [keyCount]events.Value // of the event at hand, by readKeys
	spare  store
	names  []byte // reused, see namesOf
	text   []byte // reused
}

// A callKey identifies a call that has an id.
type callKey struct{ session, id string }

// Add adds the event that s scanned, of which it keeps a copy. It returns the turn that
// the event ended, nil if none or if it is kept. It reports whether the event belongs to
// a turn that was or will be returned; otherwise the caller has it alone. A line that is
// no event belongs to none.
func (g *Grouper) Add(s *events.Scanner) (ended *Turn, belongs bool) {
	event, err := s.Event()
	if err != nil {
		return nil, false
	}
	g.number++
	e := g.read(s, event)
	if e.isEnd() {
		if open := g.calls.End(g.namesOf(&e)); open != nil {
			c := open.Value
			c.open, open.Value = nil, nil
			c.end(&e, g.keep(c.turn, &e), g.number)
			g.hold(c.turn, &e, c.End)
			return nil, true
		}
	}
	if c := g.called(&e); c != nil && c.accepts(&e) {
		switch e.kind {
		case events.TypeAgentSwitch:
			c.Switches = append(c.Switches, g.keep(c.turn, &e))
		case events.TypeToolCallAttempt:
			c.Repeats, c.ended = append(c.Repeats, g.keep(c.turn, &e)), 0
		default:
			c.decide(&e, g.keep(c.turn, &e), g.number)
		}
		g.hold(c.turn, &e, e.Event)
		return nil, true
	}
	if e.turn == "" && !e.below {
		if g.waits(e.session) {
			e.Event = g.keep(nil, &e)
			t := looseTurn(&e)
			g.charge(t, len(e.Line())+512)
			g.wait(t)
			return nil, true
		}
		return nil, false
	}
	t := g.turn(&e)
	e.Event = g.keep(g.owner(t, &e), &e)
	g.hold(t, &e, e.Event)
	switch {
	case e.kind == events.TypeTurnStart && t.Start.Line() == nil:
		t.Start, t.began = e.Event, e.at
	case e.kind == events.TypeTurnEnd:
		t.End, t.ended = e.Event, e.at
		if g.end(t) {
			return t, true
		}
	case e.kind == events.TypeToolCallAttempt:
		c := g.attempt(t, &e)
		call, id := g.namesOf(&e)
		c.open = g.calls.Begin(call, id, c)
		g.charge(t, len(call)+len(id))
	case e.isEnd():
		c := g.called(&e)
		if c == nil || c.turn != t || c.began != 0 || c.ended != 0 {
			c = g.newCall(t, &e)
		}
		c.end(&e, e.Event, g.number)
	case e.tool != "" && e.decides():
		g.decide(t, &e)
	default:
		t.Nodes = append(t.Nodes, Node{Event: e.Event})
		t.between.include(e.at)
	}
	return nil, true
}

// owner returns the turn that has an event which belongs to t: another one if that has the
// call which the event attempts.
func (g *Grouper) owner(t *Turn, e *event) *Turn {
	if e.kind == events.TypeToolCallAttempt {
		if c := g.called(e); c != nil && c.planned() {
			return c.turn
		}
	}
	return t
}

// keep returns the event to hold in place of e in its turn, which may be nil.
func (g *Grouper) keep(t *Turn, e *event) events.Event {
	size := len(e.Line())
	switch {
	case g.Keep != nil:
		return g.Keep(e.Event)
	case t == nil || size > longLine:
		return e.Clone()
	}
	last := len(t.chunks) - 1
	if last < 0 || cap(t.chunks[last])-len(t.chunks[last]) < size {
		t.chunks = append(t.chunks, g.spare.chunk())
		last++
	}
	used := len(t.chunks[last])
	t.chunks[last] = t.chunks[last][:used+size]
	return e.CloneIn(t.chunks[last][used:used])
}

// Release hands a turn back that Add or TakeOldest returned, with those below its calls. A
// caller that is done with turns may do so, for others to be made of their memory. Nothing
// of the turn may be used any more, not even its events.
func (g *Grouper) Release(t *Turn) { g.spare.release(t) }

// end ends a turn, and reports whether it is to be returned now.
func (g *Grouper) end(t *Turn) bool {
	g.shelf.close(t)
	switch {
	case t.key.below:
		if !g.agents.wasShown(t) && (t.parent != "" || !g.Live) {
			return false
		}
	case g.waits(t.Session) || !g.Live && (t.unfinished() || g.expects(t, 0)):
		g.wait(t)
		return false
	}
	g.take(t, 0)
	return true
}

// Full reports whether the turns that are kept hold more than the limit. A caller that
// wants to bound memory then calls TakeOldest until they do not.
func (g *Grouper) Full() bool {
	limit := g.Limit
	if limit == 0 {
		limit = MaxHeld
	}
	return g.held > limit
}

// TakeOldest removes and returns a turn that is kept, without the events still to come;
// it returns nil if there is none. That is the oldest one that has ended, or that has
// been open longest, those of agents that no call is known to have begun last. Later
// events of that turn make another Turn.
func (g *Grouper) TakeOldest() *Turn {
	t := g.oldest(g.Full())
	if t == nil {
		return nil
	}
	for range maxClimb {
		c := g.byID[callKey{t.Session, t.parent}]
		if t.parent == "" || c == nil {
			break
		}
		t = c.turn
	}
	g.take(t, 0)
	return t
}

// maxClimb is how many agents that began each other TakeOldest goes up. They may be a
// circle.
const maxClimb = 1000

// turn returns the open turn that an event belongs to, a new one if there is none.
func (g *Grouper) turn(e *event) *Turn {
	t := g.find(e.turnKey())
	if t == nil {
		t = g.spare.turn()
		t.ID, t.key, t.first = ID{e.session, e.turn}, e.turnKey(), e.at
		g.open(t)
		g.charge(t, 2048) // with its part of the maps
		if e.below {
			g.agents.enter(t, e.agent, e.parent)
		}
	}
	if e.parent != "" && t.parent == "" {
		g.agents.join(t, e.parent)
	}
	return t
}

// hold counts the memory that an event takes in its turn as it is kept.
func (g *Grouper) hold(t *Turn, e *event, kept events.Event) {
	if t.Agent == "" {
		g.text = e.values[agentIDKey].NonNull().AppendText(g.text[:0])
		t.Agent = g.known.of(g.text)
	}
	g.charge(t, len(kept.Line())+512) // with its Node and Call
}

// called returns the latest call with the event's call id, nil if there is none.
func (g *Grouper) called(e *event) *Call {
	if e.callID == "" {
		return nil
	}
	return g.byID[callKey{e.session, e.callID}]
}

// attempt begins the planned call with the event's call id, else the first planned call
// of the tool without an id, else a new call.
func (g *Grouper) attempt(t *Turn, e *event) *Call {
	c := g.called(e)
	planned := t.planned[e.tool]
	switch {
	case c != nil && c.planned():
	case planned.first != nil && !planned.first.Denied: // only the last can be denied
		c = planned.first
		planned.dropFirst()
		t.planned[e.tool] = planned
		g.identify(c, e)
	default:
		c = g.newCall(t, e)
	}
	c.attempted(e, g.number)
	return c
}

// decide adds a decision to a planned call, a new one if it has a call id. If it has
// none, a policy decision that directly follows another one is about a further call.
func (g *Grouper) decide(t *Turn, e *event) {
	planned := t.planned[e.tool]
	if c := planned.last; c != nil && e.callID == "" {
		if e.kind != events.TypeToolPolicyDecision || c.decidedBy != events.TypeToolPolicyDecision {
			c.decide(e, e.Event, 0)
			return
		}
		if c.Denied {
			planned.dropLast()
		}
	}
	c := g.newCall(t, e)
	c.decide(e, e.Event, 0)
	if e.callID == "" {
		if t.planned == nil {
			t.planned = map[string]queue{}
		}
		planned.push(c)
		t.planned[e.tool] = planned
	}
}

func (g *Grouper) newCall(t *Turn, e *event) *Call {
	c := g.spare.call()
	c.Tool, c.turn = e.tool, t
	t.Nodes = append(t.Nodes, Node{Call: c})
	g.identify(c, e)
	return c
}

// identify gives a call the call id of an event.
func (g *Grouper) identify(c *Call, e *event) {
	if e.callID == "" {
		return
	}
	if g.byID == nil {
		g.byID = map[callKey]*Call{}
	}
	c.id = e.callID
	g.byID[callKey{c.turn.Session, c.id}] = c
}

// take removes a turn, with those that belong below its calls.
func (g *Grouper) take(t *Turn, depth int) {
	g.remove(t)
	g.agents.leave(t)
	for _, n := range t.Nodes {
		c := n.Call
		if c == nil {
			continue
		}
		if c.open != nil {
			g.calls.Drop(c.open)
			c.open.Value, c.open = nil, nil
		}
		if key := (callKey{t.Session, c.id}); c.id != "" && g.byID[key] == c {
			delete(g.byID, key)
			if depth < MaxDepth {
				c.Below = g.agents.show(key)
			}
			for _, below := range c.Below {
				g.take(below, depth+1)
			}
		}
	}
}

// MaxDepth is how deep the turns of agents are nested. Deeper ones are returned by
// themselves.
const MaxDepth = 8

// expects reports whether a call of the turn, or of one below it, began an agent that was
// not seen yet.
func (g *Grouper) expects(t *Turn, depth int) bool {
	for _, n := range t.Nodes {
		c := n.Call
		if c == nil || c.id == "" || g.byID[callKey{t.Session, c.id}] != c {
			continue
		}
		key := callKey{t.Session, c.id}
		if g.agents.unseen(key) {
			return true
		}
		for _, below := range g.agents.below[key] {
			if depth < MaxDepth && g.expects(below, depth+1) {
				return true
			}
		}
	}
	return false
}

// namesOf returns the names by which OpenCalls knows a call. They are valid until the
// next call of namesOf.
func (g *Grouper) namesOf(e *event) (call, id []byte) {
	names := appendName(g.names[:0], e.tool)
	names = appendName(names, e.turn)
	names = appendName(names, e.turnKey().agent)
	session := len(names)
	names = appendName(names, e.session)
	end := len(names)
	if e.callID != "" {
		names = append(names, e.callID...)
		id = names[session:]
	}
	g.names = names
	return names[:end], id
}

func appendName(dst []byte, name string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(name))), name...)
}
