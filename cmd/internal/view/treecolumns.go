package view

import (
	"time"

	"auditctl/pkg/turns"
)

// callColumns say how the calls of a turn, and of those below them, are aligned.
type callColumns struct {
	tool  int        // where the names of tools end
	bar   int        // columns of the bars, which may be 0
	scale turns.Span // from the left edge of the bars to the right
}

const (
	maxToolColumn = 24
	stemColumn    = 3 // of a call, after what the lines of its turn begin with
)

// columns returns the columns of a turn whose lines begin with a prefix of so many
// columns.
func (v *painter) columns(t *turns.Turn, prefix int) callColumns {
	c := callColumns{bar: barColumn(v.Width), scale: t.Span()}
	bars := false
	if c.tool, bars = v.measure(t, prefix, c); !bars {
		c.bar = 0
	}
	return c
}

// measure returns where the names of tools end, of a turn and of those below its calls that
// leave room for more, and whether one of all these calls has a bar.
func (v *painter) measure(t *turns.Turn, prefix int, c callColumns) (tool int, bars bool) {
	most := 64
	if v.Width > 0 {
		most = v.Width * 2 / 5
	}
	for _, n := range t.Nodes {
		if n.Call == nil {
			continue
		}
		v.head.start(v.scratch[:0], maxToolColumn)
		name := v.head.quoted(v.head.bytes(n.Call.Tool))
		v.scratch = v.head.dst
		tool = max(tool, prefix+stemColumn+min(name, maxToolColumn))
		bars = bars || c.hasBar(n.Call.Span())
		for _, below := range n.Call.Below {
			name, bar := v.measure(below, prefix+2*stemColumn, c.of(below))
			bars = bars || bar
			if name <= most {
				tool = max(tool, name)
			}
		}
	}
	return tool, bars
}

// barColumn returns how wide bars are in a terminal: 10 columns of 80, 20 of 120, and at
// most 30.
func barColumn(width int) int {
	const none, narrowest, widest = 40, 5, 30
	switch bar := (width - none) / 4; {
	case width == 0:
		return 20
	case bar < narrowest:
		return 0
	default:
		return min(bar, widest)
	}
}

// of returns the columns for a turn below a call. It has the scale of the outer turn, unless
// it ran at another time.
func (c callColumns) of(t *turns.Turn) callColumns {
	own, outer := t.Span(), c.scale
	if own.Known && (own.End.Before(outer.Start) || outer.End.Before(own.Start)) {
		c.scale = own
	}
	return c
}

// hasBar reports whether something that ran then has a bar.
func (c callColumns) hasBar(ran turns.Span) bool {
	return c.bar > 0 && ran.Known && c.scale.Start.Before(c.scale.End)
}

// appendBar appends the bar of a call, or blanks if it is not known when it ran.
func (c callColumns) appendBar(l *line, st style, call *turns.Call) {
	ran := call.Span()
	switch {
	case c.bar == 0:
	case !c.hasBar(ran):
		l.blanks += 1 + c.bar
	default:
		length := c.scale.End.Sub(c.scale.Start)
		at := func(t time.Time) float64 { return float64(t.Sub(c.scale.Start)) / float64(length) }
		blanks, bar := spanBar(at(ran.Start), at(ran.End), c.bar)
		l.blanks += 1 + blanks
		if l.flushBlanks() {
			l.dst = append(l.dst, st.on...)
			used := l.glyphs(bar)
			l.dst = append(l.dst, st.off...)
			l.blanks += max(0, c.bar-blanks-used)
		}
	}
}
