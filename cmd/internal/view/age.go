package view

import (
	"strconv"
	"time"
)

// ageColumn is the width of ages, in columns.
const ageColumn = len("364d ago")

// appendAge appends how long ago something was, in one unit, or in how long it will be.
func appendAge(dst []byte, age time.Duration) []byte {
	const day = 24 * time.Hour
	length := age.Abs()
	if length < time.Second {
		return append(dst, "now"...)
	}
	if age < 0 {
		dst = append(dst, "in "...)
	}
	unit, name := 365*day, byte('y')
	switch {
	case length < time.Minute:
		unit, name = time.Second, 's'
	case length < time.Hour:
		unit, name = time.Minute, 'm'
	case length < day:
		unit, name = time.Hour, 'h'
	case length < 365*day:
		unit, name = day, 'd'
	}
	dst = append(strconv.AppendInt(dst, int64(length/unit), 10), name)
	if age < 0 {
		return dst
	}
	return append(dst, " ago"...)
}
