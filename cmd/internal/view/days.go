package view

import (
	"bytes"
	"time"
)

// Where there is no room for dates, AppendEvent puts the day of an event before its line,
// as a mark that Arrange takes away: workers show events at the same time, and which line
// is the first of its day is known only once they are in order.

const dayMark = 0 // no line begins with it otherwise: it would be escaped

// appendDayMark appends the mark for a time that begins with its date.
func appendDayMark(dst, shown []byte) []byte {
	return append(append(dst, dayMark), shown[:len(time.DateOnly)]...)
}

// NamesDays reports whether what AppendEvent appends has to go through Arrange, which
// names the days.
func (v *Text) NamesDays() bool { return v.short && v.Now == nil }

// Arrange appends lines, and before the first and wherever the day changes a line that
// names the day.
func (v *Text) Arrange(dst, lines []byte) []byte {
	for len(lines) > 0 {
		if lines[0] == dayMark {
			day := lines[1 : 1+len(time.DateOnly)]
			lines = lines[1+len(day):]
			if string(day) != v.day {
				v.day = string(day)
				dst = v.nameDay(dst)
			}
		}
		end := bytes.IndexByte(lines, '\n') + 1
		dst = append(dst, lines[:end]...)
		lines = lines[end:]
	}
	return dst
}

// Rest appends nothing.
func (v *Text) Rest(dst []byte) []byte { return dst }

// Holds reports that a Text holds nothing back.
func (v *Text) Holds() bool { return false }

func (v *Text) nameDay(dst []byte) []byte {
	named := v.day
	if day, err := time.Parse(time.DateOnly, v.day); err == nil {
		named += day.Format(" Monday")
	}
	var l line
	l.start(dst, v.Width)
	l.phrase(v.faint, named, 0)
	return append(l.dst, '\n')
}
