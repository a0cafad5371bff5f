// Package timestamps reads and writes the timestamps of events, at the speed of a whole
// log: what events write is read without looking at other forms first.
package timestamps

import "time"

// Append appends t as the JSON string that events have: as
// datetime.isoformat of Python writes it in UTC, which leaves the microseconds out
// where they are zero. time.AppendFormat would take as long as the rest of a line.
func Append(dst []byte, t time.Time) []byte {
	year, month, day := t.UTC().Date()
	hour, minute, second := t.UTC().Clock()
	dst = append(appendDigits(append(dst, '"'), year, 4), '-')
	dst = append(appendDigits(dst, int(month), 2), '-')
	dst = append(appendDigits(dst, day, 2), 'T')
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = appendDigits(dst, second, 2)
	if micros := t.Nanosecond() / 1000; micros > 0 {
		dst = appendDigits(append(dst, '.'), micros, 6)
	}
	return append(dst, `+00:00"`...)
}

// appendDigits appends the last so many digits of n.
func appendDigits(dst []byte, n, digits int) []byte {
	end := len(dst) + digits
	dst = append(dst, "000000"[:digits]...)
	for i := end - 1; n > 0 && i >= end-digits; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// Parse reads a timestamp in the forms of [auditctl/pkg/events.ParseTimestamp].
func Parse(text []byte) (t time.Time, ok bool) {
	if t, ok = parseWritten(text); ok {
		return t, true
	}
	if t, ok = parsePlain(text); !ok {
		t, _, ok = Read(text)
	}
	return t, ok
}

// parsePlain reads the forms that nearly all events have, and fast.
func parsePlain(text []byte) (t time.Time, ok bool) {
	if len(text) < len("2006-01-02T15:04:05") || text[4] != '-' || text[7] != '-' ||
		text[10] != 'T' && text[10] != ' ' && text[10] != 't' || text[13] != ':' || text[16] != ':' {
		return t, false
	}
	century, year, month, day := digits(text[0:2]), digits(text[2:4]), digits(text[5:7]), digits(text[8:10])
	hour, minute, second := digits(text[11:13]), digits(text[14:16]), digits(text[17:19])
	if century < 0 || year < 0 {
		return t, false
	}
	year += century * 100
	if !isTime(year, month, day, hour, minute, second) {
		return t, false
	}
	nanos, rest := 0, text[19:]
	if len(rest) > 0 && (rest[0] == '.' || rest[0] == ',') {
		end := skipDigits(rest, 1)
		if end == 1 {
			return t, false
		}
		nanos = nanosOf(rest[1:end])
		rest = rest[end:]
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return t, false
	}
	seconds := int64(daysBefore(year, month, day))*86400 + int64(hour*3600+minute*60+second-offset)
	return time.Unix(seconds, int64(nanos)).UTC(), firstSecond <= seconds && seconds <= lastSecond
}

func isTime(year, month, day, hour, minute, second int) bool {
	return 1 <= month && month <= 12 && 1 <= day && day <= daysIn(year, month) &&
		uint(hour) <= 23 && uint(minute) <= 59 && uint(second) <= 59
}

// The seconds of the years 1 and 9999 that are the first and the last, since 1970.
const firstSecond, lastSecond = -62_135_596_800, 253_402_300_799

// daysBefore returns how many days there are from 1970 to a date. time.Date
// would take as long as the rest of a timestamp.
func daysBefore(year, month, day int) int {
	// In years that begin with March, a leap day is the last. 400 years more keep
	// the numbers positive.
	y, m := year+400-(14-month)/12, (month+9)%12
	return y*365 + y/4 - y/100 + y/400 + (m*153+2)/5 + day - 865_566
}

// InRange reports whether the year of t, which is in UTC, is one that the
// format has four digits for and Python has at all.
func InRange(t time.Time) bool { return 1 <= t.Year() && t.Year() <= 9999 }

// parseOffset reads Z, +HH:MM, +HHMM, +HH or nothing and returns the seconds
// east of UTC: the frequent ones of those that timestampReader reads.
func parseOffset(b []byte) (seconds int, ok bool) {
	if len(b) == 0 || len(b) == 1 && b[0]|0x20 == 'z' {
		return 0, true
	}
	sign := 1
	switch b[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	hours, minutes := -1, 0
	switch len(b) {
	case len("+HH:MM"):
		if b[3] == ':' {
			hours, minutes = digits(b[1:3]), digits(b[4:6])
		}
	case len("+HHMM"):
		hours, minutes = digits(b[1:3]), digits(b[3:5])
	case len("+HH"):
		hours = digits(b[1:3])
	}
	if uint(hours) > 23 || uint(minutes) > 59 {
		return 0, false
	}
	return sign * (hours*3600 + minutes*60), true
}

// digits returns the number that the two bytes of b spell in digits, or -1.
func digits(b []byte) int {
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// skipDigits returns the index of the first byte of b from i on that is no digit.
func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}
