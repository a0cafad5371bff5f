package selection

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
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
		time.RFC3339Nano,
		"2006-01-02 15:04:05Z07:00",
		"2006-01-02T15:04Z07:00",
		"2006-01-02 15:04Z07:00",
		"2006-01-02T15:04:05",
		"2006-01-02 15:04:05",
		"2006-01-02T15:04",
		"2006-01-02 15:04",
		time.DateOnly,
	} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return t, nil
		}
	}
	if age, err := parseAge(strings.TrimSpace(strings.TrimSuffix(text, "ago"))); err == nil {
		return now.Add(-age), nil
	}
	return time.Time{}, fmt.Errorf("cannot read the time %q: want RFC 3339, a date, 2h, 30m ago, now, today or yesterday", text)
}

// parseAge reads a duration as time.ParseDuration does, and also days and
// weeks.
func parseAge(text string) (time.Duration, error) {
	var days time.Duration
	for _, unit := range []struct {
		name string
		days float64
	}{{"w", 7}, {"d", 1}} {
		n, rest, ok := strings.Cut(text, unit.name)
		if !ok {
			continue
		}
		count, err := strconv.ParseFloat(n, 64)
		if err != nil || !(0 <= count && count*unit.days <= 100_000) {
			return 0, errors.New("not a number of days")
		}
		days += time.Duration(count * unit.days * float64(24*time.Hour))
		text = rest
	}
	if text == "" && days > 0 {
		return days, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		return 0, errors.New("a negative duration")
	}
	return days + d, err
}
