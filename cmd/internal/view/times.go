package view

import (
	"bytes"
	"math"
	"strconv"
	"time"
)

// Duration formats a number of milliseconds with about three digits.
func Duration(ms float64) string { return string(appendDuration(nil, ms)) }

// appendDuration appends what Duration returns.
func appendDuration(dst []byte, ms float64) []byte {
	const day = 24 * 60 * 60 * 1000
	switch {
	case ms < 0 || math.IsNaN(ms):
		return append(strconv.AppendFloat(dst, ms, 'g', 3, 64), "ms"...)
	case ms < 999.95:
		return append(strconv.AppendFloat(dst, ms, 'f', 1, 64), "ms"...)
	case ms < 59_995:
		return append(strconv.AppendFloat(dst, ms/1000, 'f', 2, 64), 's')
	case ms < 10*day:
		return append(dst, time.Duration(ms*1e6).Round(time.Second).String()...)
	}
	return append(strconv.AppendFloat(dst, ms/day, 'g', 3, 64), 'd')
}

// appendTime appends t with milliseconds. It uses RFC 3339 because with any other layout
// time.AppendFormat takes a third of the time of a whole line.
func appendTime(dst []byte, t time.Time, withDate bool) []byte {
	start := len(dst)
	dst = t.AppendFormat(dst, time.RFC3339)
	date := start + bytes.IndexByte(dst[start:], 'T')
	dst[date] = ' '
	dst = dst[:date+len(" 08:00:00")]
	if !withDate {
		dst = append(dst[:start], dst[date+1:]...)
	}
	ms := t.Nanosecond() / 1e6
	return append(dst, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
}
