package view

import (
	"strconv"
	"time"
)

// ageColumn is the width of ages, in columns.
const ageColumn = len("364d ago")

// appendAge appends how long ago something was, in one unit, or in how long it will be.
func appendAge(dst []byte, now, then time.Time) []byte {
	const day = 24 * time.Hour
	age := now.Sub(then) // at most 292 years
	length := age.Abs()
	if length < time.Second {
		return append(dst, "now"...)
	}
	if age < 0 {
		dst = append(dst, "in "...)
	}
	n, unit := years(then, now), byte('y')
	switch {
	case length < time.Minute:
		n, unit = int(length/time.Second), 's'
	case length < time.Hour:
		n, unit = int(length/time.Minute), 'm'
	case length < day:
		n, unit = int(length/time.Hour), 'h'
	case length < 365*day:
		n, unit = int(length/day), 'd'
	}
	dst = append(strconv.AppendInt(dst, int64(n), 10), unit)
	if age < 0 {
		return dst
	}
	return append(dst, " ago"...)
}

// years returns how many years there are between two times, at least one.
func years(from, to time.Time) int {
	from, to = from.UTC(), to.UTC()
	if from.After(to) {
		from, to = to, from
	}
	n := to.Year() - from.Year()
	if from.AddDate(n, 0, 0).After(to) {
		n--
	}
	return max(n, 1)
}
