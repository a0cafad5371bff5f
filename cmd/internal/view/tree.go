package view

import (
	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A Tree shows sessions, their turns, and the tool calls of these, with the decisions
// about them. A turn is shown when it ends, so that turns which overlap are not mixed; a
// session is named again after another one was shown. Events that do not belong to a turn
// are shown at once. It is for one goroutine.
type Tree struct {
	*look
	scanner events.Scanner
	line    line

	scratch []byte

	turns   turns.Grouper
	shown   bounded.LRU[bool] // sessions and turns of which something was shown
	session []byte            // the last one named, nil before the first
}

// NewTree returns a Tree.
func NewTree(o Options) *Tree {
	v := &Tree{look: newLook(o)}
	v.line.faint = v.faint
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
			dst = v.name(dst, textOf(v.scanner.Lookup("session_id")))
			dst = v.event(dst, indent, e)
		}
		for v.turns.Full() {
			dst = v.turn(dst, v.turns.TakeOldest(), "goes on")
		}
	}
	return dst
}

// textOf returns the text of a value, empty if it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// Rest appends some of the turns that did not end, and nothing once all are shown.
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

// decisionNames are the names of events that say something about a later call.
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

// turn shows a turn. missing is shown in place of its end if that is missing but its start
// is not.
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

func (v *Tree) warning() style { return v.severities[events.SeverityWarning] }

// again records that something of a session or turn is shown, and reports whether that
// was so before.
func (v *Tree) again(id turns.ID) bool {
	key := id.Session + "\x00" + id.Turn
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

// heading shows when a turn began, how long it took, and its prompt.
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

// event shows an event that is not part of a call.
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

// eventStyle returns the style of the event's type, or of its severity if the type is
// unknown.
func (v *Tree) eventStyle(e events.Event) style {
	if t := v.types[e.Type()]; t != nil {
		return t.style
	}
	return v.severity([]byte(textOf(e.Lookup("severity"))))
}

// keys shows the keys of an event, except one, and its metadata.
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
