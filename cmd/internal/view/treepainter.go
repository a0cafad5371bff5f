package view

import (
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A painter shows pieces of a tree, one after the other.
type painter struct {
	*look
	head headline // and the line under construction

	// The events that are shown.
	single, attempt, ended, decided treeReading

	again   []bool // of the piece, from the next turn on
	scratch []byte
	out     []byte // what it made of its part of the pieces
}

func newPainter(v *look) *painter {
	p := &painter{look: v}
	p.head.look, p.head.line.faint = v, v.faint
	return p
}

// paint appends what pieces show.
func (v *painter) paint(dst []byte, pieces []piece) []byte {
	for i := range pieces {
		p := &pieces[i]
		v.again = p.again
		if p.named {
			dst = v.name(dst, p.session)
		}
		if p.event.Line() != nil {
			dst = v.event(dst, indent, "", p.event)
			continue
		}
		dst = v.heading(dst, p.turn)
		dst = v.nodes(dst, indent, p.turn, v.columns(p.turn, len(indent)), p.missing)
	}
	return dst
}

// shownBefore reports whether something of what comes next was shown.
func (v *painter) shownBefore() bool {
	again := v.again[0]
	v.again = v.again[1:]
	return again
}

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

// nodes shows what happened in a turn, in lines that begin with a prefix.
func (v *painter) nodes(dst []byte, prefix string, t *turns.Turn, columns callColumns, missing string) []byte {
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
func (v *painter) begin(dst []byte, prefix, stem string) *line {
	l := &v.head.line
	l.start(dst, v.Width)
	l.glyphs(prefix)
	l.glyphs(stem)
	return l
}

// end ends the line.
func (v *painter) end() []byte { return append(v.head.dst, '\n') }

// name names a session.
func (v *painter) name(dst []byte, session string) []byte {
	again := v.shownBefore()
	l := v.begin(dst, "", "")
	if session == "" {
		l.phrase(v.bold, "no session", 0)
	} else {
		l.phrase(v.bold, "session", 0)
		l.word(v.bold, l.bytes(session), 0)
	}
	if again {
		l.blanks++
		l.phrase(v.faint, "continued", 0)
	}
	return v.end()
}

// heading shows which turn it is, when it began, how long it took, and its prompt, which
// matters most where there is little room.
func (v *painter) heading(dst []byte, t *turns.Turn) []byte {
	if t.ID.Turn == "" {
		return v.agent(dst, indent, "", t, false)
	}
	l := v.begin(dst, indent, "")
	l.phrase(v.types[events.TypeTurnStart].style, "turn", 0)
	again := v.shownBefore()
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
func (v *painter) ids(t *turns.Turn) {
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
func (v *painter) beginning(t *turns.Turn) {
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
func (v *painter) event(dst []byte, prefix, stem string, e events.Event) []byte {
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
