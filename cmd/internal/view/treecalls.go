package view

import (
	"slices"
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// callColumns say how the calls of a turn are aligned.
type callColumns struct {
	tool    int     // width of the widest name
	longest float64 // milliseconds that the full bar stands for
}

const (
	maxToolColumn  = 24
	stateColumn    = 7 // not run
	durationColumn = 7 // 999.9ms
	barColumn      = 10
)

func (v *Tree) columns(t *turns.Turn) (c callColumns) {
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

// call shows a call: its tool, how it ended, how long it took, its arguments and result,
// and what belongs to it.
func (v *Tree) call(dst []byte, stem, below string, c *turns.Call, columns callColumns, missing string) []byte {
	l := v.begin(dst, stem)
	l.blanks += max(0, columns.tool-l.styled(v.bold, []byte(c.Tool))) + 1
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
	before, after := c.Attempt.Lookup("metadata"), c.End.Lookup("metadata")
	if !v.copied(after) {
		v.copied(before)
	}
	v.texts(c, st)
	v.others(c.Attempt, before)
	v.others(c.End, after)
	if decider(after) == "" && decision(after) == "" {
		after = before
	}
	return v.below(v.end(), below, c, after, missing)
}

// state returns how a call ended, in a word or two.
func (v *Tree) state(c *turns.Call) (string, style) {
	severities := v.severities
	switch status := textOf(c.End.Lookup("status")); {
	case c.End.Line() != nil && c.End.Type() == events.TypeToolCallFailure:
		return "failed", severities[events.SeverityError]
	case status == "ended": // it is not known how
		return status, style{}
	case status == "success", c.End.Line() != nil && status == "":
		return "ok", severities[events.SeverityInfo]
	case c.End.Line() != nil:
		return status, v.warning()
	case c.Refused():
		return "denied", severities[events.SeverityError]
	case c.Attempt.Line() != nil:
		return "no end", v.warning()
	}
	return "not run", v.warning()
}

// texts shows the error, the arguments and the result of a call.
func (v *Tree) texts(c *turns.Call, st style) {
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
		show(v.faint, "→")
		show(style{}, result)
	}
}
