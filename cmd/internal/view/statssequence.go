package view

import (
	"fmt"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/sequence"
	"auditctl/pkg/stats"
)

// sequence shows what the numbers of events show.
func (v *Stats) sequence(r *stats.Sequence) {
	if r == nil {
		return
	}
	t := grid{columns: []gridColumn{{"Sequence", false}, {"first", true}, {"last", true}, {"events", true}, {"missing", true}, {"twice", true}}}
	shown := r.Epochs[:min(len(r.Epochs), v.top)]
	gaps := false
	for i := range shown {
		c := &shown[i]
		t.rows = append(t.rows, gridRow{cells: []cell{
			textCell(c.Name), v.number(c.First), v.number(c.Last), v.number(c.Numbers), v.badNumber(c.Missing), v.badNumber(c.Twice),
		}})
		gaps = gaps || c.Missing > 0
	}
	v.section(t, len(r.Epochs)-len(shown), r.Others)
	for i := range shown {
		c, of := &shown[i], ""
		if len(shown) > 1 {
			of = " of " + c.Name
		}
		v.numbers("missing"+of+":", c.Gaps, c.MoreGaps)
		v.numbers("twice"+of+":", c.Doubles, 0)
		if c.Late > 0 {
			v.line(report.Counted(c.Late, "event") + " came too late to know: as many fewer may be missing")
		}
	}
	if r.Unnumbered > 0 {
		v.line(report.Counted(r.Unnumbered, "event") + " without a number")
	}
	if gaps {
		v.line("A copy that was routed or filtered has gaps by nature.")
	}
}

// numbers shows the first ranges of numbers, and how many there are more.
func (v *Stats) numbers(title string, ranges []sequence.Range, more int64) {
	if len(ranges) == 0 {
		return
	}
	shown := ranges[:min(len(ranges), v.top)]
	phrases := []string{title}
	for i, r := range shown {
		comma := ","
		if i == len(shown)-1 {
			comma = ""
		}
		phrases = append(phrases, r.String()+comma)
	}
	if more += int64(len(ranges) - len(shown)); more > 0 {
		phrases = append(phrases, fmt.Sprintf("and %d more", more))
	}
	v.line(phrases...)
}
