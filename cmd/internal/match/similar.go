package match

import "slices"

// A likeness looks for the word that a mistyped one most likely means.
type likeness struct {
	typed string
	best  string // "" if none is similar
	least int    // the distance of best
}

// maxSlips returns how many typing errors a word of some length may have.
func maxSlips(length int) int { return min(length/3, 2) }

// consider looks at a word.
func (l *likeness) consider(word []byte) {
	limit := maxSlips(len(l.typed))
	if d := distance(l.typed, word, limit); d <= limit && string(word) != l.typed {
		if l.best == "" || d < l.least || d == l.least && string(word) < l.best {
			l.best, l.least = string(word), d
		}
	}
}

// Similar returns the word that a mistyped one most likely means, "" if none is similar
// or it is itself one of them.
func Similar(typed string, words []string) string {
	l := likeness{typed: typed}
	for _, word := range words {
		if word == typed {
			return ""
		}
		l.consider([]byte(word))
	}
	return l.best
}

// distance returns how many bytes must be inserted, deleted, replaced, or swapped with
// the next to turn a into b, ignoring case. If that is more than limit, it may return any
// larger number.
func distance(a string, b []byte, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	// The distances of a's bytes so far to each prefix of b, and those for one and two
	// bytes less.
	columns := len(b) + 1
	rows := make([]int, 0, 3*64) // enough for most words, and not on the heap
	rows = slices.Grow(rows, 3*columns)[:3*columns]
	row, before, earlier := rows[:columns], rows[columns:2*columns], rows[2*columns:]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		row, before, earlier = earlier, row, before
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = before[j]
			if lower(a[i]) != lower(b[j]) {
				row[j+1] = 1 + min(before[j], before[j+1], row[j])
				if i > 0 && j > 0 && lower(a[i]) == lower(b[j-1]) && lower(a[i-1]) == lower(b[j]) {
					row[j+1] = min(row[j+1], 1+earlier[j-1])
				}
			}
		}
		if slices.Min(row) > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
