package timestamps

import (
	"bytes"
	"strings"
	"time"
)

// Read reads what [Parse] reads, and reports whether it is local:
// whether it says no offset from UTC. The time of one that is local is when a clock
// in UTC showed the same.
func Read(text []byte) (t time.Time, local, ok bool) {
	r := reader{bytes.TrimSpace(text)}
	if len(r.rest) > 0 && r.rest[0]|0x20 >= 'a' {
		return readNamed(string(r.rest))
	}
	if seconds, nanos, ok := r.epoch(); ok {
		return ofSeconds(seconds, nanos, false)
	}
	joined := r.digitsAhead() == len("20060102150405")
	days, ok := r.date()
	if !ok || !joined && r.digitsAhead() > 0 {
		return t, false, false
	}
	second, nanos, ok := r.clock()
	if !ok {
		return t, false, false
	}
	offset, local, ok := r.zone()
	if !ok {
		return t, false, false
	}
	return ofSeconds(int64(days)*86400+int64(second-offset), nanos, local)
}

// ofSeconds returns the time so many seconds after 1970, if a timestamp can be
// written of it.
func ofSeconds(seconds int64, nanos int, isLocal bool) (t time.Time, local, ok bool) {
	if seconds < firstSecond || seconds > lastSecond {
		return t, false, false
	}
	return time.Unix(seconds, int64(nanos)).UTC(), isLocal, true
}

// readNamed reads timestamps that begin with the name of a weekday: those of mail
// and HTTP, of ctime and of date, and of JavaScript. Some end with the name of the
// zone in parentheses, after its offset.
func readNamed(text string) (t time.Time, local, ok bool) {
	if len(text) < len("Mon,") || !strings.Contains("mon tue wed thu fri sat sun", strings.ToLower(text[:3])) {
		return t, false, false
	}
	if named := strings.Index(text, " ("); named > 0 && strings.HasSuffix(text, ")") {
		text = text[:named]
	}
	for _, layout := range []string{
		"Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
		"Mon Jan 02 2006 15:04:05 GMT-0700", time.RubyDate, time.UnixDate, time.ANSIC,
	} {
		t, err := time.Parse(layout, strings.ToUpper(text)) // UTC is in capitals
		if err != nil {
			continue
		}
		// Other names of zones mean different offsets in different places.
		if name, _ := t.Zone(); strings.Contains(layout, "MST") && name != "UTC" && name != "GMT" {
			return time.Time{}, false, false
		}
		return ofSeconds(t.Unix(), t.Nanosecond(), layout == time.ANSIC)
	}
	return t, false, false
}

// A reader reads a timestamp from its start.
type reader struct{ rest []byte }

// digitsAhead returns how many digits the rest begins with.
func (r *reader) digitsAhead() int { return skipDigits(r.rest, 0) }

// number takes a number of so many digits.
func (r *reader) number(digits int) (n int, ok bool) {
	if r.digitsAhead() < digits {
		return 0, false
	}
	for _, c := range r.rest[:digits] {
		n = n*10 + int(c-'0')
	}
	r.rest = r.rest[digits:]
	return n, true
}

// take takes one of some characters, and returns 0 where none of them is next.
func (r *reader) take(chars string) (c byte) {
	if len(r.rest) > 0 && strings.IndexByte(chars, r.rest[0]) >= 0 {
		c, r.rest = r.rest[0], r.rest[1:]
	}
	return c
}

// epoch takes the whole rest if it is a number of seconds, milliseconds,
// microseconds or nanoseconds since 1970. Which of them its digits tell: a second
// has 10 of them from 2001 to 2286.
func (r *reader) epoch() (seconds int64, nanos int, ok bool) {
	digits, point := r.decimal()
	if point != 10 && point != 13 && point != 16 && point != 19 {
		return 0, 0, false
	}
	for _, c := range digits[:10] {
		seconds = seconds*10 + int64(c-'0')
	}
	return seconds, nanosOf(digits[10:]), true
}

// decimal returns the digits of the rest, if it is one decimal number, and how many
// of them are before its point.
func (r *reader) decimal() (digits []byte, point int) {
	point = r.digitsAhead()
	digits, tail := r.rest[:point], reader{r.rest[point:]}
	if tail.take(".,") != 0 {
		n := tail.digitsAhead()
		if n == 0 {
			return nil, 0
		}
		digits = append(digits[:point:point], tail.rest[:n]...)
		tail.rest = tail.rest[n:]
	}
	if tail.take("eE") != 0 { // Python's json writes so many nanoseconds as 1.7831556e+18
		tail.take("+")
		exponent, ok := tail.number(max(1, min(2, tail.digitsAhead())))
		if !ok {
			return nil, 0
		}
		point += exponent
		digits = append(digits[:len(digits):len(digits)], bytes.Repeat([]byte{'0'}, max(0, point-len(digits)))...)
	}
	if len(tail.rest) > 0 {
		return nil, 0
	}
	return digits, point
}

// nanosOf returns the nanoseconds of a second that are the digits after its point.
func nanosOf(digits []byte) (nanos int) {
	for i, unit := 0, 100_000_000; i < len(digits) && unit > 0; i, unit = i+1, unit/10 {
		nanos += int(digits[i]-'0') * unit
	}
	return nanos
}

// date takes a date and returns how many days it is after 1970: as 2026-03-09,
// 2026/03/09, 20260309, 2026-068 or 2026-W11-1.
func (r *reader) date() (days int, ok bool) {
	ahead := r.digitsAhead()
	year, ok := r.number(4)
	if !ok {
		return 0, false
	}
	sep := byte(0)
	if ahead == 4 {
		sep = r.take("-/")
	}
	switch {
	case sep == '-' && r.take("wW") != 0:
		week, ok := r.number(2)
		ok = ok && r.take("-") != 0
		day, ok2 := r.number(1)
		// The first week is the one with the 4th of January.
		monday := daysBefore(year, 1, 4)
		monday -= (monday + 3) % 7
		days = monday + (week-1)*7 + day - 1
		// Of a year with 52 weeks, the 53rd would be the first of the next.
		return days, ok && ok2 && 1 <= week && week <= 53 && 1 <= day && day <= 7 && monday+(week-1)*7+3 < daysBefore(year+1, 1, 1)
	case sep == '-' && r.digitsAhead() == 3:
		day, _ := r.number(3)
		days = daysBefore(year, 1, 1) + day - 1
		return days, 1 <= day && days < daysBefore(year+1, 1, 1)
	case sep == 0 && ahead != 8 && ahead != 14:
		return 0, false
	}
	month, ok := r.number(2)
	if ok && sep != 0 {
		ok = r.take(string(sep)) != 0
	}
	day, ok2 := r.number(2)
	if !ok || !ok2 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return daysBefore(year, month, day), true
}

// clock takes a time of day, as 08:15:00.5, 08:15, 8:15, 081500 or 08, and what is
// before it; where there is none it is midnight. 24:00 is the midnight after, and the
// second :60 the one that follows.
func (r *reader) clock() (seconds, nanos int, ok bool) {
	ahead := r.digitsAhead() // after the eight of a date without separators
	if ahead == 0 {
		blank := len(r.rest) > 0 && r.rest[0] == ' '
		if r.rest = bytes.TrimLeft(r.rest, " "); !blank && r.take("tT") == 0 || blank && r.digitsAhead() == 0 {
			// What looks like an offset here was meant to be a time of day.
			return 0, 0, len(r.rest) == 0 || 'a' <= r.rest[0]|0x20 && r.rest[0]|0x20 <= 'z'
		}
		ahead = r.digitsAhead()
	}
	hourDigits := 2
	if ahead == 1 && len(r.rest) > 1 && r.rest[1] == ':' {
		hourDigits, ahead = 1, 2
	}
	var minute, second int
	hour, ok := r.number(hourDigits)
	switch {
	case !ok:
		return 0, 0, false
	case ahead == 2 && r.take(":") != 0:
		minute, ok = r.number(2)
		ahead = 4
		if ok && r.take(":") != 0 {
			second, ok = r.number(2)
			ahead = 6
		}
	case ahead == 4, ahead == 6:
		minute, ok = r.number(2)
		if ok && ahead == 6 {
			second, ok = r.number(2)
		}
	}
	if ok && ahead == 6 && r.take(".,") != 0 {
		n := r.digitsAhead()
		ok = n > 0
		nanos = nanosOf(r.rest[:n])
		r.rest = r.rest[n:]
	}
	if hour == 24 && minute+second+nanos > 0 {
		return 0, 0, false
	}
	return hour*3600 + minute*60 + second, nanos, ok && hour <= 24 && minute <= 59 && second <= 60
}

// zone takes the whole rest, which is an offset from UTC and its name, and returns
// the seconds east of UTC. Without any the timestamp is local.
func (r *reader) zone() (offset int, local, ok bool) {
	r.rest = bytes.TrimLeft(r.rest, " ")
	if len(r.rest) == 0 {
		return 0, true, true
	}
	if bytes.EqualFold(r.rest, []byte("UTC")) || bytes.EqualFold(r.rest, []byte("GMT")) {
		return 0, false, true
	}
	if r.take("zZ") == 0 {
		if offset, ok = r.offset(); !ok {
			return 0, false, false
		}
	}
	return offset, false, r.name()
}

// offset takes an offset as +01:00, +0100, +01 or +01:00:00.
func (r *reader) offset() (seconds int, ok bool) {
	sign := 1
	if rest, isMinus := bytes.CutPrefix(r.rest, []byte("−")); isMinus { // as ISO 8601 would have it
		sign, r.rest = -1, rest
	} else if c := r.take("+-"); c == 0 {
		return 0, false
	} else if c == '-' {
		sign = -1
	}
	ahead := r.digitsAhead()
	hour, ok := r.number(2)
	colon := ahead == 2
	minute, second := 0, 0
	for _, unit := range []*int{&minute, &second} {
		if ok && (!colon && r.digitsAhead() > 0 || colon && r.take(":") != 0) {
			*unit, ok = r.number(2)
		}
	}
	return sign * (hour*3600 + minute*60 + second), ok && hour <= 23 && minute <= 59 && second <= 59
}

// name takes the whole rest, which is what Go and Java write after an offset: the
// abbreviation of the zone, as in +0100 CET or +0330 +0330, what the monotonic clock
// said, as in m=+0.1, or the name of the zone, as in [Europe/Zurich].
func (r *reader) name() bool {
	if bytes.HasPrefix(r.rest, []byte("[")) {
		return bytes.IndexByte(r.rest, ']') == len(r.rest)-1
	}
	for i, word := range bytes.Split(r.rest, []byte(" ")) {
		monotonic, is := bytes.CutPrefix(word, []byte("m="))
		switch {
		case i == 0 && len(word) == 0, i > 0 && is && strings.Trim(string(monotonic), "+-.0123456789") == "":
		case i != 1 || len(word) < 3 || strings.Trim(string(word), "+-0123456789"+letters) != "":
			return false
		}
	}
	return true
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
