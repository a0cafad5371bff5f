package view

import (
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
	head    headline // and the line under construction

	// The events that are shown.
	single, attempt, ended, decided treeReading

	scratch []byte

	turns   turns.Grouper
	shown   bounded.LRU[bool] // sessions and turns of which something was shown
	session []byte            // the last one named, nil before the first
}

// NewTree returns a Tree. live says that events happen while they are shown.
func NewTree(o Options, live bool) *Tree {
	v := &Tree{look: newLook(o)}
	v.head.look, v.head.line.faint = v.look, v.faint
	v.turns.Live = live
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
			dst = v.turn(dst, ended, "")
		case !belongs:
			dst = v.loose(dst, textOf(v.scanner.Lookup("session_id")), e)
		}
		for v.turns.Full() {
			dst = v.turn(dst, v.turns.TakeOldest(), "goes on")
		}
	}
	return dst
}

// Rest appends some of the turns that were not shown yet, and nothing once all are shown.
func (v *Tree) Rest(dst []byte) []byte {
	for len(dst) < events.BlockSize {
		t := v.turns.TakeOldest()
		if t == nil {
			break
		}
		dst = v.turn(dst, t, "has not ended")
	}
	return dst
}

// Holds reports that a Tree holds turns back.
func (v *Tree) Holds() bool { return true }

// decisionNames are the names of events that say something about a call.
var decisionNames = map[string]string{
	events.TypeToolPolicyDecision: "policy",
	events.TypeSandboxDecision:    "sandbox",
	events.TypeHookMutation:       "hook",
}

// What lines begin with.
const (
	indent     = "  "
	branch     = "├─ "
	lastBranch = "└─ "
	trunk      = "│  "
	noTrunk    = "   "
)

// idColumn is how many columns of a narrow terminal the id of a turn gets.
const idColumn = 12

// turn shows a turn. missing is shown in place of its end if that is missing but its start
// is not.
func (v *Tree) turn(dst []byte, t *turns.Turn, missing string) []byte {
	defer v.turns.Release(t)
	if t.Loose {
		return v.loose(dst, t.Session, t.Nodes[0].Event)
	}
	dst = v.heading(v.name(dst, t.Session), t)
	return v.nodes(dst, indent, t, v.columns(t, len(indent)), missing)
}

// loose shows an event that belongs to no turn.
func (v *Tree) loose(dst []byte, session string, e events.Event) []byte {
	return v.event(v.name(dst, session), indent, "", e)
}

// nodes shows what happened in a turn, in lines that begin with a prefix.
func (v *Tree) nodes(dst []byte, prefix string, t *turns.Turn, columns callColumns, missing string) []byte {
	ends := t.End.Line() != nil || t.Start.Line() != nil && missing != ""
	b := branching{t.Parallel(), len(t.Nodes) - 1}
	if ends {
		b.last = -1
	}
	for i, n := range t.Nodes {
		stem, below := b.at(i)
		if n.Call != nil {
			dst = v.call(dst, prefix, stem, below, n.Call, columns, missing)
		} else {
			dst = v.event(dst, prefix, stem, n.Event)
		}
	}
	switch {
	case t.End.Line() != nil:
		dst = v.event(dst, prefix, lastBranch, t.End)
	case ends:
		v.begin(dst, prefix, lastBranch).phrase(v.doubtful, missing, 0)
		dst = v.end()
	}
	return dst
}

// begin begins a line with a prefix and a stem.
func (v *Tree) begin(dst []byte, prefix, stem string) *line {
	l := &v.head.line
	l.start(dst, v.Width)
	l.glyphs(prefix)
	l.glyphs(stem)
	return l
}

// end ends the line.
func (v *Tree) end() []byte { return append(v.head.dst, '\n') }

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

// name names a session, unless it was the last one that was named.
func (v *Tree) name(dst []byte, session string) []byte {
	if v.session != nil && string(v.session) == session {
		return dst
	}
	v.session = append([]byte{}, session...)
	again := v.again(session, "")
	l := v.begin(dst, "", "")
	if session == "" {
		l.phrase(v.bold, "no session", 0)
	} else {
		l.phrase(v.bold, "session", 0)
		l.word(v.bold, v.session, 0)
	}
	if again {
		l.blanks++
		l.phrase(v.faint, "continued", 0)
	}
	return v.end()
}

// heading shows which turn it is, when it began, how long it took, and its prompt, which
// matters most where there is little room.
func (v *Tree) heading(dst []byte, t *turns.Turn) []byte {
	if t.ID.Turn == "" {
		return v.agent(dst, indent, "", t, false)
	}
	l := v.begin(dst, indent, "")
	l.phrase(v.types[events.TypeTurnStart].style, "turn", 0)
	again := v.again(t.Session, t.ID.Turn)
	switch started := t.Start.Line() != nil; {
	case started && v.veryNarrow():
		v.beginning(t)
		v.ids(t)
	case started:
		v.ids(t)
		v.beginning(t)
	default:
		v.ids(t)
		if again {
			l.blanks++
			l.phrase(v.faint, "continued", 0)
		} else if t.End.Line() != nil {
			l.blanks++
			l.phrase(v.doubtful, "began before", 0)
		}
	}
	return v.end()
}

// ids shows the ids of a turn and of its agent, in a narrow terminal the start of them.
func (v *Tree) ids(t *turns.Turn) {
	ofTurn, ofAgent := v.Width, v.Width
	if v.short {
		ofTurn, ofAgent = idColumn, v.mostOfAgent()
	}
	v.head.name(style{}, v.head.bytes(t.ID.Turn), ofTurn, 0)
	if t.Agent != "" {
		v.head.name(v.bold, v.head.bytes(t.Agent), ofAgent, 0)
	}
}

// beginning shows the start of a turn.
func (v *Tree) beginning(t *turns.Turn) {
	l, e := &v.head.line, &v.single.reading
	v.single.keep(v.look, t.Start)
	if text := e.textOf("timestamp"); len(text) > 0 {
		at, ok := v.head.clock.append(v.scratch[:0], text, v.look, !v.short)
		v.scratch = at
		if ok && v.veryNarrow() {
			at = at[:len(at)-len(".000")]
		}
		l.blanks++
		l.column(v.faint, at, 0)
	}
	if ms, ok := t.Duration(); ok && ms >= 0 {
		v.scratch = appendDuration(v.scratch[:0], ms)
		l.word(style{}, v.scratch, 0)
	}
	v.copied(e.details())
	if val := e.lookup("prompt_preview"); val != nil {
		l.word(style{}, e.s.Text(val), 0)
	}
	v.others(e)
}

// event shows an event that is not part of a call: what it is about, and its other keys.
func (v *Tree) event(dst []byte, prefix, stem string, e events.Event) []byte {
	h := &v.head
	_ = v.single.scanner.Scan(e.Line()) // which is an event
	h.about(&v.single.scanner)
	v.begin(dst, prefix, stem)
	if stem == "" { // outside of a turn
		h.timestamp(v.look, h.s.Text(h.values[timestampKey].NonNull()))
	} else {
		h.blanks = -1 // a stem ends with one
	}
	metadata := h.values[metadataKey]
	v.copied(metadata)
	h.write()
	h.blanks++ // one more than between words
	h.unused()
	v.metadata(metadata, h.inMetadata)
	h.unknown()
	return v.end()
}
