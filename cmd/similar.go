package cmd

// similar returns the word that a mistyped one is most likely to mean, "" if none
// comes near or it is one of them.
func similar(typed string, words []string) string {
	best, least := "", min(3, len(typed))
	for _, word := range words {
		switch d := distance(typed, word); {
		case d == 0:
			return ""
		case d < least:
			best, least = word, d
		}
	}
	return best
}

// distance is how many bytes must be put in, left out or exchanged to make b of
// a.
func distance(a, b string) int {
	row := make([]int, len(b)+1) // from what was looked at of a to each part of b
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := before
			if a[i] != b[j] {
				d = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
