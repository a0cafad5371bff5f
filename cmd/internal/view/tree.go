package view

import (
	"runtime"
	"strings"
	"sync"

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
	scanner  events.Scanner
	painters []*painter

	turns   turns.Grouper
	pieces  []piece           // to be shown
	weight  int               // of these, in nodes
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
	for range max(1, min(jobs, runtime.GOMAXPROCS(0))) {
		v.painters = append(v.painters, newPainter(v.look))
	}
	return v
}

// Arrange appends what can be shown after these events, which are whole lines.
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
			v.addLoose(nil, textOf(v.scanner.Lookup("session_id")), e)
		}
		for v.turns.Full() {
			v.add(v.turns.TakeOldest(), "goes on")
		}
	}
	return v.paint(dst)
}

// Rest appends some of the turns that were not shown yet, and nothing once all are shown.
func (v *Tree) Rest(dst []byte) []byte {
	for v.weight < mostAtOnce {
		t := v.turns.TakeOldest()
		if t == nil {
			break
		}
		v.add(t, "has not ended")
	}
	return v.paint(dst)
}

// Of nodes, so many are shown at once at the end, and so many are worth the help of another
// goroutine.
const (
	mostAtOnce = 2000
	worthHelp  = 100
)

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
	v.weight += len(t.Nodes)
}

// addLoose adds an event, and the turn that it is in, if it had to wait in one.
func (v *Tree) addLoose(t *turns.Turn, session string, e events.Event) {
	p := v.piece(session)
	p.turn, p.event = t, e
}

// piece adds a piece that is named, unless the last one was of the same session.
func (v *Tree) piece(session string) *piece {
	if len(v.pieces) < cap(v.pieces) {
		v.pieces = v.pieces[:len(v.pieces)+1]
	} else {
		v.pieces = append(v.pieces, piece{})
	}
	v.weight++
	p := &v.pieces[len(v.pieces)-1]
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
			v.weight += len(below.Nodes)
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

// paint appends what is to be shown. Each painter gets as much of it as the others.
func (v *Tree) paint(dst []byte) []byte {
	helpers := min(len(v.painters), v.weight/worthHelp+1) - 1
	rest := v.pieces
	var painting sync.WaitGroup
	for i := range helpers {
		part := rest[:len(rest)/(helpers+1-i)]
		rest = rest[len(part):]
		painting.Go(func() {
			v.painters[i+1].out = v.painters[i+1].paint(v.painters[i+1].out[:0], part)
		})
	}
	last := v.painters[0].paint(v.painters[0].out[:0], rest)
	painting.Wait()
	for _, p := range v.painters[1 : helpers+1] {
		dst = append(dst, p.out...)
		p.out = bounded.Emptied(p.out)
	}
	dst = append(dst, last...)
	v.painters[0].out = bounded.Emptied(last)
	for i := range v.pieces {
		if t := v.pieces[i].turn; t != nil {
			v.turns.Release(t)
			v.pieces[i].turn = nil
		}
		v.pieces[i].event = events.Event{}
	}
	if v.pieces = v.pieces[:0]; cap(v.pieces) > 2*mostAtOnce {
		v.pieces = nil
	}
	v.weight = 0
	return dst
}
