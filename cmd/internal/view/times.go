package view

import (
	"math"
	"strconv"
	"time"
)

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

// appendTime appends t to the millisecond: time.AppendFormat takes a third of
// the time of a whole line.
func appendTime(dst []byte, t time.Time, withDate bool) []byte {
	if withDate {
		year, month, day := t.Date()
		dst = append(appendDigits(dst, year, 4), '-')
		dst = append(appendDigits(dst, int(month), 2), '-')
		dst = append(appendDigits(dst, day, 2), ' ')
	}
	hour, minute, second := t.Clock()
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = append(appendDigits(dst, second, 2), '.')
	return appendDigits(dst, t.Nanosecond()/1e6, 3)
}

// appendDigits appends the last so many digits of n.
func appendDigits(dst []byte, n, digits int) []byte {
	for range digits {
		dst = append(dst, '0')
	}
	for i := len(dst) - 1; digits > 0; i, digits = i-1, digits-1 {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}
