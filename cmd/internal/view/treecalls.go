package view

import (
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
func (v *painter) call(dst []byte, prefix, stem, below string, c *turns.Call, columns callColumns, missing string) []byte {
	v.attempt.keep(v.look, c.Attempt)
	v.ended.keep(v.look, c.End)
	l := v.begin(dst, prefix, stem)
	width := utf8.RuneCountInString(prefix) + utf8.RuneCountInString(stem)
	l.blanks += max(0, columns.tool-width-l.styled(v.bold, l.bytes(c.Tool))) + 1
	outcome := c.Outcome()
	st := v.outcome(outcome)
	l.phrase(st, outcome, outcomeColumn)
	v.scratch = v.scratch[:0]
	if ms, known := c.Duration(); known && ms >= 0 {
		v.scratch = appendDuration(v.scratch, ms)
	}
	l.blanks += max(0, durationColumn-len(v.scratch))
	l.word(style{}, v.scratch, 0)
	columns.appendBar(l, st, c)
	before, after := v.attempt.details(), v.ended.details()
	if !v.copied(after) {
		v.copied(before)
	}
	v.texts(c, st)
	v.others(&v.attempt.reading)
	v.others(&v.ended.reading)
	return v.below(v.end(), prefix, below, c, ownMetadata(before, after), columns, missing)
}

// ownMetadata returns which metadata of a call says what was decided about it: that of its
// end, or else that of its attempt.
func ownMetadata(attempt, end events.Value) events.Value {
	if isEmpty(end) || decider(end) == "" && decision(end) == "" {
		return attempt
	}
	return end
}

// texts shows the error, the arguments and the result of a call.
func (v *painter) texts(c *turns.Call, st style) {
	show := func(st style, text []byte) {
		if len(text) > 0 {
			v.head.blanks++
			v.head.column(st, text, 0)
		}
	}
	if v.ended.s != nil && v.ended.of == v.types[events.TypeToolCallFailure] {
		v.scratch = append(v.scratch[:0], v.ended.textOf("error_type")...)
		if message := v.ended.textOf("error_message"); len(message) > 0 {
			if len(v.scratch) > 0 {
				v.scratch = append(v.scratch, ": "...)
			}
			v.scratch = append(v.scratch, message...)
		}
		show(st, v.scratch)
	}
	show(style{}, v.attempt.textOf("arguments_preview"))
	if result := v.ended.textOf("result_preview"); len(result) > 0 {
		if v.head.blanks++; v.head.flushBlanks() {
			v.head.dst = append(v.head.dst, v.faint.on...)
			v.head.glyphs("→")
			v.head.dst = append(v.head.dst, v.faint.off...)
		}
		show(style{}, result)
	}
}
