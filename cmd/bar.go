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
	const day = 24 * 60 * 60 * 1000
	switch {
	case ms < 0 || math.IsNaN(ms):
		return strconv.FormatFloat(ms, 'g', 3, 64) + "ms"
	case ms < 999.95:
		return strconv.FormatFloat(ms, 'f', 1, 64) + "ms"
	case ms < 59_995:
		return strconv.FormatFloat(ms/1000, 'f', 2, 64) + "s"
	case ms < 10*day:
		return time.Duration(ms * 1e6).Round(time.Second).String()
	}
	return strconv.FormatFloat(ms/day, 'g', 3, 64) + "d"
}

// milliseconds returns how long it is from one time to another. A Duration would
// end with 292 years.
func milliseconds(from, to time.Time) float64 {
	return float64(to.Unix()-from.Unix())*1000 + float64(to.Nanosecond()-from.Nanosecond())/1e6
}
