// Package turns pairs the events of an audit log: attempts of tool calls with their
// ends, and all events with the turn they belong to. It does so in one pass, in the
// order of the log.
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
package turns

import (
	"container/list"
	"encoding/binary"

	"auditctl/pkg/events"
)

// MaxHeld is the default of [Grouper.Limit], in bytes.
const MaxHeld = 64 << 20

// A Grouper collects events into turns, of which several may be open at a time. The
// zero Grouper is ready to use. It is not safe for concurrent use.
//
// A decision about a tool (tool_policy_decision, sandbox_decision, hook_mutation)
// belongs to the attempt with the same call id in the same turn. If it has no call id,
// it belongs to the next attempt of that tool in the turn to which no decision belongs
// by id. Then a policy decision that directly follows another one is about a further
// call, and a call that the policy denied last is never attempted: the attempt that
// follows is another call.
type Grouper struct {
	Limit int // bytes to hold before Full returns true; 0 means MaxHeld

	open  *list.List // of *Turn, oldest first
	byID  map[ID]*Turn
	calls OpenCalls[*Call]
	held  int // bytes

	names []byte // reused, see namesOf
}

// Add adds the event that s scanned, of which it keeps a copy. It returns the turn that
// the event ended, nil if none. It reports whether the event belongs to a turn: whether
// it has a turn_id or is the end of a call that has one. A line that is no event belongs
// to none.
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
			c := open.Value
			c.End, c.open, open.Value = e, nil, nil
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

// Full reports whether the open turns hold more than the limit. A caller that wants to
// bound memory then calls TakeOldest until they do not.
func (g *Grouper) Full() bool {
	limit := g.Limit
	if limit == 0 {
		limit = MaxHeld
	}
	return g.held > limit
}

// TakeOldest removes and returns the turn that has been open longest, without the events
// still to come; it returns nil if none is open. Later events of that turn make another
// Turn.
func (g *Grouper) TakeOldest() *Turn {
	if g.open == nil || g.open.Len() == 0 {
		return nil
	}
	t := g.open.Front().Value.(*Turn)
	g.remove(t)
	return t
}

// turn returns the open turn with an id, a new one if there is none.
func (g *Grouper) turn(id ID) *Turn {
	t := g.byID[id]
	if t == nil {
		if g.open == nil {
			g.open, g.byID = list.New(), map[ID]*Turn{}
		}
		t = &Turn{ID: id, planned: map[string][]*Call{}, plannedByID: map[string]*Call{}}
		t.place = g.open.PushBack(t)
		g.byID[id] = t
		t.bytes = 2048 // with its part of the maps
		g.held += t.bytes
	}
	return t
}

// hold counts the memory that e takes in its turn.
func (g *Grouper) hold(t *Turn, e events.Event) {
	if t.Agent == "" {
		t.Agent = textOf(e.Lookup("agent_id"))
	}
	bytes := len(e.Line()) + 512 // with its Node and Call
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
			n.Call.open.Value, n.Call.open = nil, nil
		}
	}
}

// namesOf returns the names by which OpenCalls knows a call. They are valid until the
// next call of namesOf.
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

// lookup returns the text of a key's value, empty if it is null.
func lookup(s *events.Scanner, key string) string { return string(s.Text(s.Lookup(key).NonNull())) }

// decides reports whether events of a type are decisions about a call to come.
func decides(eventType string) bool {
	switch eventType {
	case events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeHookMutation:
		return true
	}
	return false
}
