package view

import (
	"math"
	"strings"
)

// bar returns a bar for a fraction of so many columns, in eighths of a column. A fraction
// above zero is always visible.
func bar(fraction float64, columns int) string {
	eighths := int(math.Round(min(max(fraction, 0), 1) * float64(8*columns)))
	if fraction > 0 {
		eighths = max(eighths, 1)
	}
	b := strings.Repeat("█", eighths/8)
	if part := eighths % 8; part > 0 {
		b += string([]rune("▏▎▍▌▋▊▉")[part-1])
	}
	return b
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
