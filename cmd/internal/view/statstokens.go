package view

import "auditctl/pkg/stats"

// tokens shows the tokens of each model and session.
func (v *Stats) tokens(r *stats.TokensReport) {
	if r == nil {
		return
	}
	v.namedTokens("Tokens by model", "model", r.Models, r.OtherModels)
	v.namedTokens("Tokens by session", "session_id", r.Sessions, r.OtherSessions)
}

func (v *Stats) namedTokens(title, key string, all []stats.NamedTokens, others *stats.Tokens) {
	t := tokenGrid(title)
	shown := all[:min(len(all), v.top)]
	for i := range shown {
		t.rows = append(t.rows, gridRow{cells: append([]cell{v.name(key, shown[i].Name)}, v.tokenCells(&shown[i].Tokens)...)})
	}
	if others != nil {
		v.otherTokens(&t, others)
	}
	v.section(t, len(all)-len(shown), 0)
}

// tokenGrid returns a grid with columns for names and for tokens.
func tokenGrid(names ...string) (t grid) {
	for _, name := range names {
		t.columns = append(t.columns, gridColumn{name, false})
	}
	for _, title := range []string{"input", "output", "cache read", "cache write", "all"} {
		t.columns = append(t.columns, gridColumn{title, true})
	}
	return t
}

func (v *Stats) tokenCells(t *stats.Tokens) []cell {
	return []cell{v.number(t.Input), v.number(t.Output), v.number(t.CacheRead), v.number(t.CacheWrite), v.number(t.Total())}
}

// otherTokens adds a row for what is not counted separately.
func (v *Stats) otherTokens(t *grid, others *stats.Tokens) {
	cells := make([]cell, len(t.columns)-len(v.tokenCells(others)))
	cells[0] = cell{v.faint, []byte("others"), false}
	t.rows = append(t.rows, gridRow{cells: append(cells, v.tokenCells(others)...)})
}
