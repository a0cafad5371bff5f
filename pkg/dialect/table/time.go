package table

import (
	"bytes"
	"slices"
	"time"

	"auditctl/pkg/events"
)

// readTime reads a timestamp, and the one in what auditd calls an ID, as
// 1615114232.375:15558.
func readTime(v events.Value) (time.Time, bool) {
	if t, ok := v.Time(); ok || v.Kind() != events.String {
		return t, ok
	}
	id, serial, _ := bytes.Cut(v[1:len(v)-1], []byte(":"))
	seconds, fraction, _ := bytes.Cut(id, []byte("."))
	if isDigits(serial) && isDigits(seconds) && isDigits(fraction) {
		return events.ParseTimestamp(id)
	}
	return time.Time{}, false
}

func isDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// isExact reports whether the timestamp t of an event says as much as v: nothing below
// the microsecond is cut off, and no offset is lost.
func isExact(v events.Value, t time.Time) bool {
	return t.Nanosecond()%1000 == 0 && (v.Kind() == events.Number || hasSuffix(v[1:len(v)-1], "Z", "+00:00", "+0000"))
}

func hasSuffix(text []byte, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return bytes.HasSuffix(text, []byte(suffix)) })
}
