package view

import (
	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A Tree shows sessions, their turns, and in them the calls of tools with what was
// decided about them. A turn is shown when it ends, so that turns which run side by
// side stay in one piece each; a session that was left for another is named again.
// What does not belong to a turn is shown when it comes. It is for one goroutine.
type Tree struct {
	*look
	scanner events.Scanner
	line    line

	scratch []byte

	turns   turns.Grouper
	shown   bounded.LRU[bool] // sessions and turns that something was shown of
	session []byte            // the one named last, nil before the first
}

// NewTree returns a Tree.
func NewTree(o Options) *Tree {
	v := &Tree{look: newLook(o)}
	v.line.faint = v.faint
	return v
}

// Arrange appends what can be shown now that these events came, of which lines are
// whole lines.
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
			dst = v.name(dst, textOf(v.scanner.Lookup("session_id")))
			dst = v.event(dst, indent, e)
		}
		for v.turns.Full() {
			dst = v.turn(dst, v.turns.TakeOldest(), "goes on")
		}
	}
	return dst
}

// textOf returns the text of a value, empty where it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// Rest appends some of the turns that did not end, nothing once these are all.
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

// decisionNames are what the events are called that say something of a call to
// come.
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

// turn shows a turn. Where its start was seen but not its end, missing says so.
func (v *Tree) turn(dst []byte, t *turns.Turn, missing string) []byte {
	dst = v.heading(v.name(dst, t.Session), t)
	columns := v.columns(t)
	for i, n := range t.Nodes {
		stem, below := indent+branch, indent+trunk
		if i == len(t.Nodes)-1 && t.End.Line() == nil && t.Start.Line() == nil {
			stem, below = indent+lastBranch, indent+noTrunk
		}
		if n.Call != nil {
			dst = v.call(dst, stem, below, n.Call, columns)
		} else {
			dst = v.event(dst, stem, n.Event)
		}
	}
	switch {
	case t.End.Line() != nil:
		dst = v.event(dst, indent+lastBranch, t.End)
	case t.Start.Line() != nil:
		v.begin(dst, indent+lastBranch).phrase(v.warning(), missing, 0)
		dst = v.end()
	}
	return dst
}

// begin begins a line with a stem.
func (v *Tree) begin(dst []byte, stem string) *line {
	l := &v.line
	l.start(dst, v.Width)
	for _, r := range stem {
		l.put([]byte(string(r)), 1)
	}
	return l
}

// end ends the line.
func (v *Tree) end() []byte { return append(v.line.dst, '\n') }

func (v *Tree) warning() style { return v.severities[string(events.SeverityWarning)] }

// again notes that something of a session or turn is shown, and reports whether
// something was before.
func (v *Tree) again(id turns.ID) bool {
	key := id.Session + "\x00" + id.Turn
	if v.shown.Get([]byte(key)) != nil {
		return true
	}
	v.shown.Set(key, new(bool))
	return false
}

// name names a session unless it is the one that was named last.
func (v *Tree) name(dst []byte, session string) []byte {
	if v.session != nil && string(v.session) == session {
		return dst
	}
	v.session = append([]byte{}, session...)
	again := v.again(turns.ID{Session: session})
	l := v.begin(dst, "")
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

// heading shows when a turn began, how long it took, and what for.
func (v *Tree) heading(dst []byte, t *turns.Turn) []byte {
	l := v.begin(dst, indent)
	l.phrase(v.ofType([]byte(events.TypeTurnStart)).style, "turn", 0)
	l.word(style{}, []byte(t.ID.Turn), 0)
	if t.Agent != "" {
		l.word(v.bold, []byte(t.Agent), 0)
	}
	switch again := v.again(t.ID); {
	case t.Start.Line() != nil:
		if text := textOf(t.Start.Lookup("timestamp")); text != "" {
			l.blanks++
			l.phrase(v.faint, string(v.appendLocal(nil, []byte(text))), 0)
		}
		if ms, ok := t.Duration(); ok && ms >= 0 {
			l.word(style{}, []byte(durationText(ms)), 0)
		}
		if val := t.Start.Lookup("prompt_preview"); val != nil {
			l.word(style{}, []byte(val.String()), 0)
		}
		v.others(t.Start)
	case again:
		l.blanks++
		l.phrase(v.faint, "continued", 0)
	case t.End.Line() != nil:
		l.blanks++
		l.phrase(v.warning(), "began before", 0)
	}
	return v.end()
}

// event shows any other event.
func (v *Tree) event(dst []byte, stem string, e events.Event) []byte {
	l := v.begin(dst, stem)
	if stem == indent { // outside of a turn
		v.timestamp(l, []byte(textOf(e.Lookup("timestamp"))))
		l.blanks++
	}
	l.styled(v.eventStyle(e), []byte(e.Type()))
	v.keys(e, "")
	return v.end()
}

// eventStyle is that of the event's type, and of its severity where the type is
// not known.
func (v *Tree) eventStyle(e events.Event) style {
	if t := v.types[e.Type()]; t != nil {
		return t.style
	}
	return v.severities[textOf(e.Lookup("severity"))]
}

// keys shows the keys of an event but those of the envelope and one more.
func (v *Tree) keys(e events.Event, but string) {
	for _, key := range v.ofType([]byte(e.Type())).keys {
		if val := e.Lookup(key); val != nil && key != but {
			v.line.pair(key, val)
		}
	}
	v.others(e)
}

// others shows metadata, and the keys that the event's type does not have.
func (v *Tree) others(e events.Event) {
	if e.Line() == nil {
		return
	}
	v.line.metadata(e.Lookup("metadata"))
	v.line.pairs("", e.Value().Members(), v.ofType([]byte(e.Type())).shown)
}
