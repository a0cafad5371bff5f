package view

import (
	"cmp"
	"slices"

	"auditctl/pkg/stats"
)

// Groups shows a table of groups.
func (v *Stats) Groups(r *stats.GroupsReport) []byte {
	if r.Events == 0 {
		v.line("no events")
		return v.dst
	}
	var t grid
	for _, key := range r.By {
		t.columns = append(t.columns, gridColumn{key, false})
	}
	t.columns = append(t.columns, gridColumn{"events", true}, gridColumn{"errors", true})
	took := r.Others != nil && r.Others.Durations != nil
	for _, g := range r.Groups {
		took = took || g.Durations != nil
	}
	if took {
		t.columns = append(t.columns, durationColumns...)
	}
	shown := r.Groups[:min(len(r.Groups), v.top)]
	for _, g := range shown {
		cells := append(v.by(r, g), v.number(g.Events), v.badNumber(g.Errors))
		if took {
			cells = append(cells, v.durations(g.Durations)...)
		}
		t.rows = append(t.rows, gridRow{cells: cells, bar: &eventBar{g.Events, g.Errors, shown[0].Events}})
	}
	others := int64(0)
	if r.Others != nil {
		others = r.Others.Events
	}
	v.table(t, len(r.Groups)-len(shown), others)
	v.groupTokens(r)
	return v.dst
}

// by returns the cells that name a group.
func (v *Stats) by(r *stats.GroupsReport, g stats.Group) (cells []cell) {
	for i, value := range g.By.Values {
		cells = append(cells, v.name(r.By[i], value))
	}
	return cells
}

// groupTokens shows the tokens of the groups that have any.
func (v *Stats) groupTokens(r *stats.GroupsReport) {
	t := tokenGrid(r.By...)
	spent := slices.DeleteFunc(slices.Clone(r.Groups), func(g stats.Group) bool { return g.Tokens == nil })
	slices.SortStableFunc(spent, func(a, b stats.Group) int { return cmp.Compare(b.Tokens.Total(), a.Tokens.Total()) })
	shown := spent[:min(len(spent), v.top)]
	for _, g := range shown {
		t.rows = append(t.rows, gridRow{cells: append(v.by(r, g), v.tokenCells(g.Tokens)...)})
	}
	if r.Others != nil && r.Others.Tokens != nil {
		v.otherTokens(&t, r.Others.Tokens)
	}
	if len(t.rows) > 0 {
		v.section(t, len(spent)-len(shown), 0)
	}
}
