package selection

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"auditctl/pkg/events"
)

// ParseTime reads a moment as people type it: RFC 3339, a date, a date and a
// time of day, now, today, yesterday, or how long before now it was (2h, 30m
// ago, 1d12h). Without an offset it is in the location of now.
func ParseTime(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch text {
	case "now":
		return now, nil
	case "today":
		return midnight, nil
	case "yesterday":
		return midnight.AddDate(0, 0, -1), nil
	}
	for _, layout := range []string{
		"2006-01-02T15:04Z07:00",
		"2006-01-02 15:04Z07:00",
		"2006-01-02T15:04:05",
		"2006-01-02 15:04:05",
		"2006-01-02T15:04",
		"2006-01-02 15:04",
		time.DateOnly,
	} {
		if t, err := time.ParseInLocation(layout, strings.ToUpper(text), now.Location()); err == nil {
			return t, nil
		}
	}
	if t, ok := events.ParseTimestamp([]byte(text)); ok {
		return t, nil
	}
	if age, err := parseAge(strings.TrimSpace(strings.TrimSuffix(text, "ago"))); err == nil {
		return now.Add(-age), nil
	}
	return time.Time{}, fmt.Errorf("cannot read the time %q: want RFC 3339, a date, 2h, 30m ago, now, today or yesterday", text)
}

// units are what an age may be counted in, each once and in this order.
var units = []struct {
	name string
	time.Duration
}{
	{"w", 7 * 24 * time.Hour}, {"d", 24 * time.Hour}, {"h", time.Hour},
	{"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// maxAge is far beyond any log and far below what a Duration holds.
const maxAge = 100_000 * 24 * time.Hour

// parseAge reads numbers with units, as in 1d12h.
func parseAge(text string) (age time.Duration, err error) {
	if text == "" {
		return 0, errors.New("not an age")
	}
	for _, unit := range units {
		digits := len(text) - len(strings.TrimLeft(text, ".0123456789"))
		rest := text[digits:]
		after := strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz")
		if rest[:len(rest)-len(after)] != unit.name {
			continue
		}
		count, err := strconv.ParseFloat(text[:digits], 64)
		if err != nil || count*float64(unit.Duration) > float64(maxAge-age) {
			return 0, errors.New("not a number, or too long ago")
		}
		age += time.Duration(count * float64(unit.Duration))
		text = after
	}
	if text != "" {
		return 0, errors.New("not an age")
	}
	return age, nil
}
