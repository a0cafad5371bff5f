package stats

// A table has a row for each name, up to a limit, and one row for all others.
type table[R any] struct {
	rows   map[string]*row[R]
	others *R // nil: there are none

	// Rows that were asked for lately, by place. They are found without the map,
	// which would take longer than the rest of counting.
	recent [places]*row[R]
}

type row[R any] struct {
	name string
	of   R
}

const places = 64

// place tells names apart that stand in one log: most differ in their length or
// near their end.
func place(name []byte) int {
	if len(name) < 3 {
		return len(name)
	}
	return (len(name)*5 + int(name[len(name)-2])*3 + int(name[len(name)-3])) % places
}

// at returns the row of a name, a new one if there is room for it.
func (t *table[R]) at(name []byte, limit int) *R {
	recent := &t.recent[place(name)]
	if r := *recent; r != nil && r.name == string(name) {
		return &r.of
	}
	r := t.rows[string(name)]
	if r == nil {
		if len(t.rows) == limit {
			if t.others == nil {
				t.others = new(R)
			}
			return t.others
		}
		if t.rows == nil {
			t.rows = map[string]*row[R]{}
		}
		r = &row[R]{name: string(name)}
		t.rows[r.name] = r
	}
	*recent = r
	return &r.of
}

// reported returns what report makes of each row.
func reported[R, T any](t *table[R], report func(name string, row *R) T) []T {
	all := make([]T, 0, len(t.rows))
	for name, r := range t.rows {
		all = append(all, report(name, &r.of))
	}
	return all
}
