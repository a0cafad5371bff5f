package selection

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/timestamps"
)

// ParseTime reads a moment as people type it: now, today, yesterday; a time of day,
// as 08:15, which is today's, or yesterday 08:15; how long before now it was, as
// 2h, -2h, 1d12h or 2 hours 30 minutes ago; and @ with the seconds since 1970. It
// reads what events have for timestamps as well, see [events.ParseTimestamp].
//
// What says no offset is in a zone, which is asked for only then. Where clocks show
// it twice there are a first and a last time, and otherwise the two are the same;
// where clocks leave it out, they are the moment when these are changed.
func ParseTime(text string, now time.Time, zone func() (*time.Location, error)) (first, last time.Time, err error) {
	lower := strings.ToLower(strings.TrimSpace(text))
	if t, ok := parseInstant(lower, now); ok {
		return t, t, nil
	}
	t, local, ok := timestamps.Read([]byte(lower))
	if ok && !local {
		return t, t, nil
	}
	daysAgo, clock, isClock := cutDay(lower)
	if !ok && !isClock {
		return first, last, unreadable(text)
	}
	loc, err := zone()
	if err != nil {
		return first, last, err
	}
	if !ok {
		year, month, day := now.In(loc).Date()
		date := time.Date(year, month, day-daysAgo, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if t, local, ok = timestamps.Read([]byte(date + " " + clock)); !ok || !local {
			return first, last, unreadable(text)
		}
	}
	first, last = inZone(t, loc)
	return first, last, nil
}

func unreadable(text string) error {
	return fmt.Errorf("cannot read the time %q: want RFC 3339, a date, 08:15, 2h, today, @SECONDS", text)
}

// parseInstant reads what is the same moment in every zone and no timestamp.
func parseInstant(text string, now time.Time) (t time.Time, ok bool) {
	if text == "now" {
		return now, true
	}
	if seconds, ok := strings.CutPrefix(text, "@"); ok {
		return parseSeconds(seconds)
	}
	age, err := parseAge(text)
	return now.Add(-age), err == nil
}

// parseSeconds reads the seconds since 1970. What would be later than any timestamp
// is read as one, by its number of digits.
func parseSeconds(text string) (t time.Time, ok bool) {
	const year10000 = 253_402_300_800
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil || strings.Trim(fraction, "0123456789") != "":
		return t, false
	case seconds >= year10000:
		return events.ParseTimestamp([]byte(text))
	}
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if strings.HasPrefix(whole, "-") {
		nanos = -nanos
	}
	t = time.Unix(seconds, nanos).UTC()
	return t, seconds > -year10000 && t.Year() >= 1
}

// cutDay reads a time of day, which may have today or yesterday before it; of these
// alone it is midnight.
func cutDay(text string) (daysAgo int, clock string, ok bool) {
	day, rest, _ := strings.Cut(text, " ")
	switch day {
	case "yesterday":
		daysAgo, text = 1, rest
	case "today":
		text = rest
	}
	if text == "" && day != "" {
		return daysAgo, "00:00", true
	}
	clock = strings.TrimSpace(text)
	hours := strings.IndexByte(clock, ':')
	return daysAgo, clock, hours == 1 || hours == 2
}

// inZone returns when clocks in a zone show what a clock in UTC shows at t.
func inZone(t time.Time, zone *time.Location) (first, last time.Time) {
	offset := func(at time.Time) time.Duration {
		_, seconds := at.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	// Between these there is the moment in question, and a change that matters.
	const day = 24 * time.Hour
	before, after := offset(t.Add(-day)), offset(t.Add(day))
	first, last = t.Add(-before), t.Add(-after)
	isFirst, isLast := offset(first) == before, offset(last) == after
	switch {
	case isFirst && !isLast:
		last = first
	case isLast && !isFirst:
		first = last
	case !isFirst && !isLast:
		// Clocks are put from before this time to after it.
		start := t.Add(-day)
		seconds := sort.Search(int(2*day/time.Second), func(i int) bool {
			return offset(start.Add(time.Duration(i)*time.Second)) != before
		})
		first = start.Add(time.Duration(seconds) * time.Second).Truncate(time.Second)
		last = first
	}
	return first.In(zone), last.In(zone)
}

// units are what an age may be counted in, each once and in this order.
var units = []struct {
	names []string
	time.Duration
}{
	{[]string{"w", "week", "weeks"}, 7 * 24 * time.Hour},
	{[]string{"d", "day", "days"}, 24 * time.Hour},
	{[]string{"h", "hr", "hrs", "hour", "hours"}, time.Hour},
	{[]string{"m", "min", "mins", "minute", "minutes"}, time.Minute},
	{[]string{"s", "sec", "secs", "second", "seconds"}, time.Second},
	{[]string{"ms", "millisecond", "milliseconds"}, time.Millisecond},
}

// maxAge is far beyond any log and far below what a Duration holds.
const maxAge = 100_000 * 24 * time.Hour

// parseAge reads numbers with units, as in 1d12h, with a minus before them or ago
// after.
func parseAge(text string) (age time.Duration, err error) {
	text, isMinus := strings.CutPrefix(text, "-")
	text, isAgo := strings.CutSuffix(text, "ago")
	text = strings.TrimSpace(text)
	if text == "" || isMinus && isAgo {
		return 0, errors.New("not an age")
	}
	for _, unit := range units {
		rest := strings.TrimLeft(text, ".0123456789")
		number := text[:len(text)-len(rest)]
		rest = strings.TrimLeft(rest, " ")
		after := strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz")
		if !slices.Contains(unit.names, rest[:len(rest)-len(after)]) {
			continue
		}
		count, err := strconv.ParseFloat(number, 64)
		if err != nil || count*float64(unit.Duration) > float64(maxAge-age) {
			return 0, errors.New("not a number, or too long ago")
		}
		age += time.Duration(count * float64(unit.Duration))
		text = strings.TrimLeft(after, " ")
	}
	if text != "" {
		return 0, errors.New("not an age")
	}
	return age, nil
}
