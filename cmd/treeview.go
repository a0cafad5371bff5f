package cmd

import (
	"slices"
	"strings"

	"auditctl/cmd/internal/bounded"
	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// A treeView is an arranger that shows sessions, their turns, and in them the
// calls of tools with what was decided about them. A turn is shown when it ends,
// so that turns which run side by side stay in one piece each; a session that
// was left for another is named again. What does not belong to a turn is shown
// when it comes.
type treeView struct {
	view    *textView
	scanner events.Scanner
	line    textLine

	scratch []byte

	turns   turns.Grouper
	shown   bounded.LRU[bool] // sessions and turns that something was shown of
	session []byte            // the one named last, nil before the first
}

func newTreeView(view *textView) *treeView {
	return &treeView{view: view, line: textLine{view: view}}
}

func (v *treeView) arrange(dst, lines []byte, _ *input) ([]byte, error) {
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
	return dst, nil
}

// textOf returns the text of a value, empty where it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// rest shows the turns that did not end.
func (v *treeView) rest(dst []byte) []byte {
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
func (v *treeView) turn(dst []byte, t *turns.Turn, missing string) []byte {
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
func (v *treeView) begin(dst []byte, stem string) *textLine {
	l := &v.line
	l.start(dst, v.view.width)
	for _, r := range stem {
		l.put([]byte(string(r)), 1)
	}
	return l
}

// end ends the line.
func (v *treeView) end() []byte { return append(v.line.dst, '\n') }

func (v *treeView) warning() style { return v.view.severities[string(events.SeverityWarning)] }

// again notes that something of a session or turn is shown, and reports whether
// something was before.
func (v *treeView) again(id turns.ID) bool {
	key := id.Session + "\x00" + id.Turn
	if v.shown.Get([]byte(key)) != nil {
		return true
	}
	v.shown.Set(key, new(bool))
	return false
}

// name names a session unless it is the one that was named last.
func (v *treeView) name(dst []byte, session string) []byte {
	if v.session != nil && string(v.session) == session {
		return dst
	}
	v.session = append([]byte{}, session...)
	again := v.again(turns.ID{Session: session})
	l := v.begin(dst, "")
	if session == "" {
		l.phrase(v.view.bold, "no session", 0)
	} else {
		l.phrase(v.view.bold, "session", 0)
		l.word(v.view.bold, v.session, 0)
	}
	if again {
		l.blanks++
		l.phrase(v.view.faint, "continued", 0)
	}
	return v.end()
}

// heading shows when a turn began, how long it took, and what for.
func (v *treeView) heading(dst []byte, t *turns.Turn) []byte {
	view := v.view
	l := v.begin(dst, indent)
	l.phrase(view.ofType([]byte(events.TypeTurnStart)).style, "turn", 0)
	l.word(style{}, []byte(t.ID.Turn), 0)
	if t.Agent != "" {
		l.word(view.bold, []byte(t.Agent), 0)
	}
	switch again := v.again(t.ID); {
	case t.Start.Line() != nil:
		if text := textOf(t.Start.Lookup("timestamp")); text != "" {
			l.blanks++
			l.phrase(view.faint, string(view.appendLocal(nil, []byte(text))), 0)
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
		l.phrase(view.faint, "continued", 0)
	case t.End.Line() != nil:
		l.blanks++
		l.phrase(v.warning(), "began before", 0)
	}
	return v.end()
}

// callColumns are how the calls of a turn are lined up.
type callColumns struct {
	tool    int     // the widest name
	longest float64 // milliseconds; the whole bar
}

const (
	maxToolColumn  = 24
	stateColumn    = 7 // success, of which ok is short
	durationColumn = 7 // 999.9ms
	barColumn      = 10
)

func (v *treeView) columns(t *turns.Turn) (c callColumns) {
	for _, n := range t.Nodes {
		if n.Call != nil {
			v.line.start(v.scratch[:0], maxToolColumn)
			c.tool = max(c.tool, v.line.quoted([]byte(n.Call.Tool)))
			v.scratch = v.line.dst
			ms, _ := n.Call.Duration()
			c.longest = max(c.longest, ms)
		}
	}
	c.tool = min(c.tool, maxToolColumn)
	return c
}

// call shows a call: its tool, how it ended, how long it took, with what
// arguments and result, and below that what was decided about it.
func (v *treeView) call(dst []byte, stem, below string, c *turns.Call, columns callColumns) []byte {
	l := v.begin(dst, stem)
	l.blanks += max(0, columns.tool-l.styled(v.view.bold, []byte(c.Tool))) + 1
	state, st := v.state(c)
	l.phrase(st, state, stateColumn)
	ms, known := c.Duration()
	length := ""
	if known && ms >= 0 {
		length = durationText(ms)
	}
	l.blanks += max(0, durationColumn-len(length))
	l.word(style{}, []byte(length), 0)
	if ms > 0 {
		l.word(st, []byte(bar(ms/columns.longest, barColumn)), barColumn)
	} else {
		l.blanks += 1 + barColumn
	}
	v.texts(c, st)
	v.others(c.Attempt)
	v.others(c.End)
	dst = v.end()
	for i, e := range c.Decisions {
		stem := branch
		if i == len(c.Decisions)-1 {
			stem = lastBranch
		}
		l := v.begin(dst, below+stem)
		l.styled(v.view.ofType([]byte(e.Type())).style, []byte(decisionNames[e.Type()]))
		v.keys(e, "tool_name")
		dst = v.end()
	}
	return dst
}

// state returns a word for how a call ended.
func (v *treeView) state(c *turns.Call) (string, style) {
	severities := v.view.severities
	switch status := textOf(c.End.Lookup("status")); {
	case c.End.Line() != nil && c.End.Type() == events.TypeToolCallFailure:
		return "failed", severities[string(events.SeverityError)]
	case status == "success", c.End.Line() != nil && status == "":
		return "ok", severities[string(events.SeverityInfo)]
	case c.End.Line() != nil:
		return status, v.warning()
	case c.Attempt.Line() != nil:
		return "no end", v.warning()
	case c.Denied:
		return "denied", severities[string(events.SeverityError)]
	}
	return "not run", v.warning()
}

// texts shows what a call failed with, its arguments and its result.
func (v *treeView) texts(c *turns.Call, st style) {
	show := func(st style, texts ...string) {
		text := strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), ": ")
		if text != "" {
			v.line.blanks++
			v.line.phrase(st, text, 0)
		}
	}
	if c.End.Line() != nil && c.End.Type() == events.TypeToolCallFailure {
		show(st, textOf(c.End.Lookup("error_type")), textOf(c.End.Lookup("error_message")))
	}
	show(style{}, textOf(c.Attempt.Lookup("arguments_preview")))
	if result := textOf(c.End.Lookup("result_preview")); result != "" {
		show(v.view.faint, "→")
		show(style{}, result)
	}
}

// event shows any other event.
func (v *treeView) event(dst []byte, stem string, e events.Event) []byte {
	l := v.begin(dst, stem)
	if stem == indent { // outside of a turn
		l.timestamp([]byte(textOf(e.Lookup("timestamp"))))
		l.blanks++
	}
	l.styled(v.eventStyle(e), []byte(e.Type()))
	v.keys(e, "")
	return v.end()
}

// eventStyle is that of the event's type, and of its severity where the type is
// not known.
func (v *treeView) eventStyle(e events.Event) style {
	if t := v.view.types[e.Type()]; t != nil {
		return t.style
	}
	return v.view.severities[textOf(e.Lookup("severity"))]
}

// keys shows the keys of an event but those of the envelope and one more.
func (v *treeView) keys(e events.Event, but string) {
	for _, key := range v.view.ofType([]byte(e.Type())).keys {
		if val := e.Lookup(key); val != nil && key != but {
			v.line.pair(key, val)
		}
	}
	v.others(e)
}

// others shows metadata, and the keys that the event's type does not have.
func (v *treeView) others(e events.Event) {
	if e.Line() == nil {
		return
	}
	v.line.metadata(e.Lookup("metadata"))
	v.line.pairs("", e.Value().Members(), v.view.ofType([]byte(e.Type())).shown)
}
