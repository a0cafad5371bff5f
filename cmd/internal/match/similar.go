package match

import "slices"

// A likeness looks for the word that a mistyped one is most likely to mean.
type likeness struct {
	typed string
	best  string // "" if none comes near
	least int    // how far best is from typed
}

// maxSlips returns how many slips a word of some length may have.
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

// similar returns the word that a mistyped one is most likely to mean, "" if none
// comes near or it is one of them.
func similar(typed string, words []string) string {
	l := likeness{typed: typed}
	for _, word := range words {
		if word == typed {
			return ""
		}
		l.consider([]byte(word))
	}
	return l.best
}

// distance is how many bytes must be put in, left out, exchanged, or swapped with the
// next to make b of a, in small letters or capitals; more than limit where it is
// more than that.
func distance(a string, b []byte, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) > limit {
		return limit + 1
	}
	// From what was looked at of a to each part of b, and the same for one byte and two
	// bytes less of a.
	columns := len(b) + 1
	rows := make([]int, 0, 3*64) // of most words; not on the heap
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
