package stats

// A table has a row for each name, up to a limit, and one row for all others.
type table[R any] struct {
	rows   map[string]*row[R]
	others *R // nil if there are none

	// Rows that were used recently, by slot: looking them up in the map would take
	// longer than the rest of counting.
	cache [slots]*row[R]
}

type row[R any] struct {
	name  string
	value R
}

const slots = 64

// slot is a cheap hash: most names in a log differ in length or near their end.
func slot(name []byte) int {
	if len(name) < 3 {
		return len(name)
	}
	return (len(name)*5 + int(name[len(name)-2])*3 + int(name[len(name)-3])) % slots
}

// at returns the row of a name. A new name beyond the limit gets the row of the others.
func (t *table[R]) at(name []byte, limit int) *R {
	cached := &t.cache[slot(name)]
	if r := *cached; r != nil && r.name == string(name) {
		return &r.value
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
	*cached = r
	return &r.value
}

// reported calls report for each row and returns the results, in any order.
func reported[R, T any](t *table[R], report func(name string, row *R) T) []T {
	all := make([]T, 0, len(t.rows))
	for name, r := range t.rows {
		all = append(all, report(name, &r.value))
	}
	return all
}
