package view

import (
	"runtime"
	"strings"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A Tree shows sessions, their turns, and the tool calls of these, with the decisions
// about them and, below the call that began it, what another agent did. A turn is shown
// when it ends, or, unless Live is set, once there is all that belongs to it, so that
// turns which overlap are not mixed; a session is named again after another one was shown.
// Events that do not belong to a turn are shown at once. It is for one goroutine.
type Tree struct {
	*look
	scanner events.Scanner

	turns   turns.Grouper
	next    batch // to be shown
	drawing drawing
	shown   bounded.LRU[bool] // sessions and turns of which something was shown
	session string            // the last one that was named
	named   bool              // one was
}

// A piece is a turn, or an event that belongs to none.
type piece struct {
	turn    *turns.Turn
	missing string // shown in place of its end
	event   events.Event

	session string
	named   bool   // before it
	again   []bool // whether something was shown of the session, if it is named, of the turn, and of those below it
}

// NewTree returns a Tree, for which up to so many goroutines work. live says that events
// happen while they are shown.
func NewTree(o Options, live bool, jobs int) *Tree {
	v := &Tree{look: newLook(o)}
	v.turns.Live = live
	jobs = max(1, min(jobs, runtime.GOMAXPROCS(0)))
	for range jobs {
		v.drawing.painters = append(v.drawing.painters, newPainter(v.look))
	}
	v.drawing.ahead = !live && jobs > 1
	return v
}

// Arrange appends what can be shown after these events, which are whole lines. If events do
// not happen meanwhile, some of it may come with the next ones.
func (v *Tree) Arrange(dst, lines []byte) []byte {
	for len(lines) > 0 {
		err := v.scanner.ScanFirst(lines)
		lines = lines[len(v.scanner.Line())+1:]
		e, eventErr := v.scanner.Event()
		if err != nil || eventErr != nil {
			continue // only events come
		}
		ended, belongs := v.turns.Add(&v.scanner)
		switch {
		case ended != nil:
			v.add(ended, "")
		case !belongs:
			v.addLoose(nil, textOf(v.scanner.Lookup("session_id")), v.next.keep(e))
		}
		for v.turns.Full() {
			v.add(v.turns.TakeOldest(), "goes on")
		}
	}
	return v.drawing.draw(dst, &v.next, &v.turns)
}

// Rest appends some of the turns that were not shown yet, and nothing once all are shown.
func (v *Tree) Rest(dst []byte) []byte {
	for v.next.weight < mostAtOnce {
		t := v.turns.TakeOldest()
		if t == nil {
			break
		}
		v.add(t, "has not ended")
	}
	return v.drawing.drawAll(dst, &v.next, &v.turns)
}

// So many nodes are shown at once at the end.
const mostAtOnce = 2000

// Holds reports that a Tree holds turns back.
func (v *Tree) Holds() bool { return true }

// add adds a turn to what is to be shown. missing is shown in place of its end if that is
// missing but its start is not.
func (v *Tree) add(t *turns.Turn, missing string) {
	if t.Loose {
		v.addLoose(t, t.Session, t.Nodes[0].Event)
		return
	}
	p := v.piece(t.Session)
	p.turn, p.missing = t, missing
	if t.ID.Turn == "" {
		p.again = append(p.again, v.again(t.Session, t.ID.Turn, t.Agent))
	} else {
		p.again = append(p.again, v.again(t.Session, t.ID.Turn))
	}
	p.again = v.againBelow(p.again, t)
	v.next.weight += len(t.Nodes)
}

// addLoose adds an event, and the turn that it is in, if it had to wait in one.
func (v *Tree) addLoose(t *turns.Turn, session string, e events.Event) {
	p := v.piece(session)
	p.turn, p.event = t, e
}

// piece adds a piece that is named, unless the last one was of the same session.
func (v *Tree) piece(session string) *piece {
	if len(v.next.pieces) < cap(v.next.pieces) {
		v.next.pieces = v.next.pieces[:len(v.next.pieces)+1]
	} else {
		v.next.pieces = append(v.next.pieces, piece{})
	}
	v.next.weight++
	p := &v.next.pieces[len(v.next.pieces)-1]
	*p = piece{session: session, again: p.again[:0]}
	if p.named = !v.named || v.session != session; p.named {
		v.session, v.named = session, true
		p.again = append(p.again, v.again(session, ""))
	}
	return p
}

// againBelow appends, for the turns below the calls of a turn, whether something of them
// was shown.
func (v *Tree) againBelow(again []bool, t *turns.Turn) []bool {
	for _, n := range t.Nodes {
		if n.Call == nil {
			continue
		}
		for _, below := range n.Call.Below {
			again = append(again, v.again(below.Session, below.ID.Turn, below.Agent))
			again = v.againBelow(again, below)
			v.next.weight += len(below.Nodes)
		}
	}
	return again
}

// again records that something of a session, turn or agent is shown, and reports whether
// that was so before.
func (v *Tree) again(ids ...string) bool {
	key := strings.Join(ids, "\x00")
	if v.shown.Get([]byte(key)) != nil {
		return true
	}
	v.shown.Set(key, new(bool))
	return false
}
