package view

import (
	"slices"
	"strings"
	"unicode/utf8"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

const (
	outcomeColumn  = 7 // not run
	durationColumn = 7 // 999.9ms
)

// call shows a call: its tool, how it ended, how long it took, when that was, its
// arguments and result, and what belongs to it.
func (v *Tree) call(dst []byte, stem, below string, c *turns.Call, columns callColumns, missing string) []byte {
	l := v.begin(dst, stem)
	l.blanks += max(0, columns.tool-utf8.RuneCountInString(stem)-l.styled(v.bold, []byte(c.Tool))) + 1
	outcome := c.Outcome()
	st := v.outcome(outcome)
	l.phrase(st, outcome, outcomeColumn)
	length := ""
	if ms, known := c.Duration(); known && ms >= 0 {
		length = Duration(ms)
	}
	l.blanks += max(0, durationColumn-len(length))
	l.word(style{}, []byte(length), 0)
	columns.appendBar(l, st, c)
	before, after := c.Attempt.Lookup("metadata"), c.End.Lookup("metadata")
	if !v.copied(after) {
		v.copied(before)
	}
	v.texts(c, st)
	v.others(c.Attempt, before)
	v.others(c.End, after)
	return v.below(v.end(), below, c, ownMetadata(before, after), columns, missing)
}

// ownMetadata returns which metadata of a call says what was decided about it: that of its
// end, or else that of its attempt.
func ownMetadata(attempt, end events.Value) events.Value {
	if decider(end) == "" && decision(end) == "" {
		return attempt
	}
	return end
}

// texts shows the error, the arguments and the result of a call.
func (v *Tree) texts(c *turns.Call, st style) {
	show := func(st style, texts ...string) {
		text := strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), ": ")
		if text != "" {
			v.head.blanks++
			v.head.phrase(st, text, 0)
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
