package cmd

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// bar returns a bar for a fraction of so many columns, in eighths of one. What
// is more than nothing is seen.
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

// durationText shows a number of milliseconds with three digits or so.
func durationText(ms float64) string {
	switch {
	case ms < 0 || math.IsNaN(ms) || ms > math.MaxInt64/1e6:
		return strconv.FormatFloat(ms, 'g', 3, 64) + "ms"
	case ms < 999.95:
		return strconv.FormatFloat(ms, 'f', 1, 64) + "ms"
	case ms < 59_995:
		return strconv.FormatFloat(ms/1000, 'f', 2, 64) + "s"
	}
	return time.Duration(ms * 1e6).Round(time.Second).String()
}
