package cmd

import (
	"container/list"
	"slices"
	"strings"

	"auditctl/pkg/events"
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

	open    *list.List       // of *turn, the oldest first
	byID    map[turnID]*turn // the open ones
	held    int              // bytes that they take
	shown   recent[bool]     // sessions and turns that something was shown of
	session []byte           // the one named last, nil before the first
}

// maxHeld is how many bytes of events a view of several holds back. Of open turns
// the oldest is shown then, as far as it is known.
const maxHeld = 64 << 20

func newTreeView(view *textView) *treeView {
	return &treeView{view: view, line: textLine{view: view}, open: list.New(), byID: map[turnID]*turn{}}
}

func (v *treeView) arrange(dst, lines []byte, _ *input) ([]byte, error) {
	for len(lines) > 0 {
		err := v.scanner.ScanFirst(lines)
		lines = lines[len(v.scanner.Line())+1:]
		e, eventErr := v.scanner.Event()
		if err != nil || eventErr != nil {
			continue // only events come
		}
		id := turnID{textOf(v.scanner.Lookup("session_id")), textOf(v.scanner.Lookup("turn_id"))}
		if id.turn == "" {
			dst = v.name(dst, id.session)
			dst = v.event(dst, indent, e)
			continue
		}
		dst = v.add(dst, id, e.Clone())
	}
	return dst, nil
}

// textOf returns the text of a value, empty where it is null.
func textOf(val events.Value) string { return val.NonNull().String() }

// rest shows the turns that did not end.
func (v *treeView) rest(dst []byte) []byte {
	for v.open.Len() > 0 && len(dst) < events.BlockSize {
		dst = v.close(dst, v.open.Front().Value.(*turn), "has not ended")
	}
	return dst
}

// add adds an event to its turn, and shows the turn if that was its end.
func (v *treeView) add(dst []byte, id turnID, e events.Event) []byte {
	t := v.byID[id]
	if t == nil {
		t = &turn{turnID: id, planned: map[string][]*call{}, running: map[string][]*call{}}
		v.byID[id] = t
		t.place = v.open.PushBack(t)
		v.hold(t, 2048) // with the maps that it is in
	}
	if t.agent == "" {
		t.agent = textOf(e.Lookup("agent_id"))
	}
	t.add(e)
	v.hold(t, len(e.Line())+512) // with what stands around it
	if e.Type() == events.TypeTurnEnd {
		return v.close(dst, t, "")
	}
	for v.held > maxHeld {
		dst = v.close(dst, v.open.Front().Value.(*turn), "goes on")
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

func (v *treeView) hold(t *turn, bytes int) {
	t.bytes += bytes
	v.held += bytes
}

// close shows a turn and forgets it. Where its start was seen but not its end,
// missing says so.
func (v *treeView) close(dst []byte, t *turn, missing string) []byte {
	v.open.Remove(t.place)
	delete(v.byID, t.turnID)
	v.held -= t.bytes
	dst = v.heading(v.name(dst, t.session), t)
	columns := v.columns(t)
	for i, n := range t.nodes {
		stem, below := indent+branch, indent+trunk
		if i == len(t.nodes)-1 && t.end.Line() == nil && t.start.Line() == nil {
			stem, below = indent+lastBranch, indent+noTrunk
		}
		if n.call != nil {
			dst = v.call(dst, stem, below, n.call, columns)
		} else {
			dst = v.event(dst, stem, n.event)
		}
	}
	switch {
	case t.end.Line() != nil:
		dst = v.event(dst, indent+lastBranch, t.end)
	case t.start.Line() != nil:
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
func (v *treeView) again(id turnID) bool {
	key := id.session + "\x00" + id.turn
	if v.shown.lookup([]byte(key)) != nil {
		return true
	}
	v.shown.set(key, new(bool))
	return false
}

// name names a session unless it is the one that was named last.
func (v *treeView) name(dst []byte, session string) []byte {
	if v.session != nil && string(v.session) == session {
		return dst
	}
	v.session = append([]byte{}, session...)
	again := v.again(turnID{session: session})
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
func (v *treeView) heading(dst []byte, t *turn) []byte {
	view := v.view
	l := v.begin(dst, indent)
	l.phrase(view.ofType([]byte(events.TypeTurnStart)).style, "turn", 0)
	l.word(style{}, []byte(t.turn), 0)
	if t.agent != "" {
		l.word(view.bold, []byte(t.agent), 0)
	}
	switch again := v.again(t.turnID); {
	case t.start.Line() != nil:
		if text := textOf(t.start.Lookup("timestamp")); text != "" {
			l.blanks++
			l.phrase(view.faint, string(view.appendLocal(nil, []byte(text))), 0)
		}
		if ms := between(t.start, t.end); ms >= 0 {
			l.word(style{}, []byte(durationText(ms)), 0)
		}
		if val := t.start.Lookup("prompt_preview"); val != nil {
			l.word(style{}, []byte(val.String()), 0)
		}
		v.others(t.start)
	case again:
		l.blanks++
		l.phrase(view.faint, "continued", 0)
	case t.end.Line() != nil:
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

func (v *treeView) columns(t *turn) (c callColumns) {
	for _, n := range t.nodes {
		if n.call != nil {
			v.line.start(v.scratch[:0], maxToolColumn)
			c.tool = max(c.tool, v.line.quoted([]byte(n.call.tool)))
			v.scratch = v.line.dst
			c.longest = max(c.longest, n.call.duration())
		}
	}
	c.tool = min(c.tool, maxToolColumn)
	return c
}

// call shows a call: its tool, how it ended, how long it took, with what
// arguments and result, and below that what was decided about it.
func (v *treeView) call(dst []byte, stem, below string, c *call, columns callColumns) []byte {
	l := v.begin(dst, stem)
	l.blanks += max(0, columns.tool-l.styled(v.view.bold, []byte(c.tool))) + 1
	state, st := v.state(c)
	l.phrase(st, state, stateColumn)
	ms := c.duration()
	length := ""
	if ms >= 0 {
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
	v.others(c.attempt)
	v.others(c.outcome)
	dst = v.end()
	for i, e := range c.decisions {
		stem := branch
		if i == len(c.decisions)-1 {
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
func (v *treeView) state(c *call) (string, style) {
	severities := v.view.severities
	switch status := textOf(c.outcome.Lookup("status")); {
	case c.outcome.Line() != nil && c.outcome.Type() == events.TypeToolCallFailure:
		return "failed", severities[string(events.SeverityError)]
	case status == "success", c.outcome.Line() != nil && status == "":
		return "ok", severities[string(events.SeverityInfo)]
	case c.outcome.Line() != nil:
		return status, v.warning()
	case c.attempt.Line() != nil:
		return "no end", v.warning()
	case c.denied:
		return "denied", severities[string(events.SeverityError)]
	}
	return "not run", v.warning()
}

// texts shows what a call failed with, its arguments and its result.
func (v *treeView) texts(c *call, st style) {
	show := func(st style, texts ...string) {
		text := strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), ": ")
		if text != "" {
			v.line.blanks++
			v.line.phrase(st, text, 0)
		}
	}
	if c.outcome.Line() != nil && c.outcome.Type() == events.TypeToolCallFailure {
		show(st, textOf(c.outcome.Lookup("error_type")), textOf(c.outcome.Lookup("error_message")))
	}
	show(style{}, textOf(c.attempt.Lookup("arguments_preview")))
	if result := textOf(c.outcome.Lookup("result_preview")); result != "" {
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
