package view

import "bytes"

// A clock shows timestamps, and remembers the last one: of another in the same minute,
// only the seconds differ. It is for one goroutine.
type clock struct {
	text     []byte // as in the log; empty: it is not remembered
	shown    []byte // without the last four characters, the milliseconds
	zone     int    // where in text the zone is
	withDate bool
}

// Where things are in a timestamp that is remembered.
const (
	clockAt    = len("2026-03-09")
	secondsAt  = len("2026-03-09T08:00:")
	fractionAt = secondsAt + len("00.")
)

// append appends the timestamp of an event in local time, or its age, or unchanged if it
// cannot be read. It reports whether it appended a time.
func (c *clock) append(dst, text []byte, v *look, withDate bool) ([]byte, bool) {
	if c.knows(text, withDate) {
		dst = append(dst, c.shown[:len(c.shown)-len("00")]...)
		dst = append(dst, text[secondsAt:secondsAt+2]...)
		return append(append(dst, '.'), text[fractionAt:fractionAt+3]...), true
	}
	begin := len(dst)
	dst, ok := v.appendTimestamp(dst, text, withDate)
	if ok {
		c.remember(text, dst[begin:len(dst)-len(".000")], withDate)
	}
	return dst, ok
}

// knows reports whether a timestamp differs from the one that is remembered in nothing
// but seconds.
func (c *clock) knows(text []byte, withDate bool) bool {
	if len(text) != len(c.text) || len(text) == 0 || withDate != c.withDate ||
		string(text[:secondsAt]) != string(c.text[:secondsAt]) || string(text[c.zone:]) != string(c.text[c.zone:]) {
		return false
	}
	tens, point := text[secondsAt], text[secondsAt+2]
	return '0' <= tens && tens <= '5' && isDigit(text[secondsAt+1]) && point == '.' && digits(text[fractionAt:]) == c.zone-fractionAt
}

// remember remembers a timestamp and how it is shown, if it is spelled as usual and in a
// zone of whole minutes, which all are since 2000.
func (c *clock) remember(text, shown []byte, withDate bool) {
	c.text = c.text[:0]
	if len(text) < fractionAt || len(text) > 2*fractionAt || string(text[:2]) != "20" ||
		text[clockAt] != 'T' || string(text[clockAt+1:clockAt+3]) > "23" ||
		text[secondsAt-1] != ':' || text[fractionAt-1] != '.' || !bytes.HasSuffix(shown, text[secondsAt:secondsAt+2]) {
		return
	}
	if c.zone = fractionAt + digits(text[fractionAt:]); c.zone < fractionAt+3 || c.zone == len(text) {
		return
	}
	c.text, c.shown, c.withDate = append(c.text, text...), append(c.shown[:0], shown...), withDate
}

// timestamp appends the timestamp of an event to a line, in local time, or unchanged if
// it cannot be read.
func (l *line) timestamp(v *look, text []byte) {
	width := timeColumn
	switch {
	case v.Now != nil:
		width = ageColumn
	case !v.short:
		width += dateColumn
	}
	l.scratch, _ = l.clock.append(l.scratch[:0], text, v, !v.short)
	l.column(v.faint, l.scratch, width)
}

// digits returns how many digits text begins with.
func digits(text []byte) (n int) {
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
