package view

import (
	"math"
	"strings"
)

// bar returns a bar for a fraction of so many columns, in eighths of a column. A fraction
// above zero is always visible.
func bar(fraction float64, columns int) string {
	n := eighths(fraction, columns)
	if fraction > 0 {
		n = max(n, 1)
	}
	return blocks(n)
}

// eighths returns a fraction of so many columns, in eighths of a column.
func eighths(fraction float64, columns int) int {
	return int(math.Round(min(max(fraction, 0), 1) * float64(8*columns)))
}

// blocks returns a bar of n eighths of a column.
func blocks(n int) string {
	b := strings.Repeat("█", n/8)
	if part := n % 8; part > 0 {
		b += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	return b
}

// spanBar returns a bar from one fraction of so many columns to another, and how many
// columns are blank before it. It begins at a column or at the middle of one, since there
// are no characters for other left edges, and is always visible: what is outside is at the
// edge.
func spanBar(from, to float64, columns int) (blanks int, text string) {
	start := min(eighths(from, columns), 8*columns-1)
	end := max(eighths(to, columns), start+1)
	blanks = start / 8
	within := end - blanks*8 // of its first column
	if start%8 < 4 {
		if within <= 8 {
			within = end - start
		}
		return blanks, blocks(within)
	}
	switch {
	case within > 8:
		return blanks, "▐" + blocks(within-8)
	case end-start > 2:
		return blanks, "▐"
	}
	return blanks, "▕"
}

// An eventBar shows a number of events relative to the largest one, and how many of them
// are errors.
type eventBar struct{ events, errors, most int64 }

type eventBarStyle struct{ events, errors style }

// appendTo appends the bar, on a scale on which the largest one is width wide. Errors are
// always visible.
func (b *eventBar) appendTo(dst []byte, width int, st *eventBarStyle) []byte {
	blocks := []rune(bar(float64(b.events)/float64(b.most), width))
	errors := int(math.Ceil(float64(b.errors) / float64(b.events) * float64(len(blocks))))
	for i, part := range []string{string(blocks[:errors]), string(blocks[errors:])} {
		if part != "" {
			st := []style{st.errors, st.events}[i]
			dst = st.append(dst, []byte(part))
		}
	}
	return dst
}
