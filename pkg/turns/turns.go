// Package turns pairs the events of an audit log: the attempts of tool calls with
// their ends, and all events with the turn that they belong to. It does so in one
// pass, in the order of the log.
//
// [Grouper] makes whole turns, for what shows or compares them. [OpenCalls] only says
// which attempt an end belongs to, for what counts, and keeps no events.
//
// # What is paired
//
// A tool_call_complete or tool_call_failure ends an attempt that is open, and then
// that attempt is open no longer:
//
//   - If the end has a call id, see [CallID], it ends the latest open attempt of its
//     session with the same id. Tool and turn do not matter then. If there is no such
//     attempt it ends none: that of another call would be a guess.
//   - If it has none, it ends the oldest open attempt of the same tool in the same
//     session and turn, whether or not that one has an id.
//
// Keys that are absent or null are equal to each other. An attempt is open until it
// ends; what a caller cannot keep is dropped, and then an end that comes later ends
// nothing.
package turns

import (
	"container/list"
	"encoding/binary"

	"auditctl/pkg/events"
)

// MaxHeld is how many bytes a [Grouper] holds if nothing else is said.
const MaxHeld = 64 << 20

// A Grouper makes turns of events. Turns may run side by side. The zero Grouper is
// ready. It is not safe for concurrent use.
//
// A decision about a tool (tool_policy_decision, sandbox_decision, hook_mutation) goes
// to the attempt with its call id in the same turn, or if it has no call id, to the next
// attempt of that tool there that has no decision of its own. One of the policy that
// follows another one of the policy is about one more call then, and a call whose last
// decision was no is never attempted: the attempt that follows is another call.
type Grouper struct {
	Limit int // how many bytes to hold before Full says so; 0: MaxHeld

	open  *list.List // of *Turn, the oldest first
	byID  map[ID]*Turn
	calls OpenCalls[*Call]
	held  int // bytes

	names []byte // kept from call to call
}

// Add adds the event that s scanned, of which it keeps a copy. It returns the turn if
// that was its end, and nil if not. It reports whether the event belongs to a turn:
// it does if it has a turn_id, or is the end of a call that has.
func (g *Grouper) Add(s *events.Scanner) (ended *Turn, belongs bool) {
	e, err := s.Event()
	if err != nil {
		return nil, false
	}
	id := ID{lookup(s, "session_id"), lookup(s, "turn_id")}
	tool, eventType := lookup(s, "tool_name"), e.Type()
	isEnd := eventType == events.TypeToolCallComplete || eventType == events.TypeToolCallFailure
	if isEnd {
		call, callID := g.namesOf(s, id, tool)
		if open := g.calls.End(call, callID); open != nil {
			e = e.Clone()
			c := open.Of
			c.End, c.open, open.Of = e, nil, nil
			g.hold(c.turn, e)
			return nil, true
		}
	}
	if id.Turn == "" {
		return nil, false
	}
	e = e.Clone()
	t := g.turn(id)
	g.hold(t, e)
	switch {
	case eventType == events.TypeTurnStart && t.Start.Line() == nil:
		t.Start = e
	case eventType == events.TypeTurnEnd:
		t.End = e
		g.remove(t)
		return t, true
	case eventType == events.TypeToolCallAttempt:
		c := t.attempt(tool, callID(s), e)
		call, callID := g.namesOf(s, id, tool)
		c.open = g.calls.Begin(call, callID, c)
		t.bytes += len(call) + len(callID)
		g.held += len(call) + len(callID)
	case isEnd:
		t.newCall(tool).End = e
	case tool != "" && decides(eventType):
		t.decide(tool, callID(s), e)
	default:
		t.Nodes = append(t.Nodes, Node{Event: e})
	}
	return nil, true
}

// Full reports whether the open turns take more than the limit: then whoever wants
// memory bounded takes the oldest out until they do not.
func (g *Grouper) Full() bool {
	limit := g.Limit
	if limit == 0 {
		limit = MaxHeld
	}
	return g.held > limit
}

// TakeOldest takes out the turn that has been open for the longest, as far as it is
// known, and returns nil if there is none. Events of it that come later make another
// Turn.
func (g *Grouper) TakeOldest() *Turn {
	if g.open == nil || g.open.Len() == 0 {
		return nil
	}
	t := g.open.Front().Value.(*Turn)
	g.remove(t)
	return t
}

// turn returns the open turn, a new one if there is none.
func (g *Grouper) turn(id ID) *Turn {
	t := g.byID[id]
	if t == nil {
		if g.open == nil {
			g.open, g.byID = list.New(), map[ID]*Turn{}
		}
		t = &Turn{ID: id, planned: map[string][]*Call{}, plannedByID: map[string]*Call{}}
		t.place = g.open.PushBack(t)
		g.byID[id] = t
		t.bytes = 2048 // with the maps that it is in
		g.held += t.bytes
	}
	return t
}

// hold counts what e takes in its turn.
func (g *Grouper) hold(t *Turn, e events.Event) {
	if t.Agent == "" {
		t.Agent = textOf(e.Lookup("agent_id"))
	}
	bytes := len(e.Line()) + 512 // with what is around it
	t.bytes += bytes
	g.held += bytes
}

func (g *Grouper) remove(t *Turn) {
	g.open.Remove(t.place)
	delete(g.byID, t.ID)
	g.held -= t.bytes
	for _, n := range t.Nodes {
		if n.Call != nil && n.Call.open != nil {
			g.calls.Drop(n.Call.open)
			n.Call.open.Of, n.Call.open = nil, nil
		}
	}
}

// namesOf returns the names that OpenCalls knows a call by. They are good until it is
// called again.
func (g *Grouper) namesOf(s *events.Scanner, turn ID, tool string) (call, id []byte) {
	names := appendName(g.names[:0], tool)
	names = appendName(names, turn.Turn)
	session := len(names)
	names = appendName(names, turn.Session)
	end := len(names)
	if val := CallID(s); val != nil {
		names = append(names, s.Text(val)...)
		id = names[session:]
	}
	g.names = names
	return names[:end], id
}

func appendName(dst []byte, name string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(name))), name...)
}

// lookup returns the text of a key, empty where it is null.
func lookup(s *events.Scanner, key string) string { return string(s.Text(s.Lookup(key).NonNull())) }

// decides reports whether events of a type say something about a call to come.
func decides(eventType string) bool {
	switch eventType {
	case events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeHookMutation:
		return true
	}
	return false
}
