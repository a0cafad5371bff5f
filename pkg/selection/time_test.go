package selection_test

import (
	"errors"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"auditctl/pkg/selection"
)

// in is a zone for ParseTime.
func in(zone *time.Location) func() (*time.Location, error) {
	return func() (*time.Location, error) { return zone, nil }
}

// parse reads a time in the zone of now, which must be one moment.
func parse(text string, now time.Time) (time.Time, error) {
	first, last, err := selection.ParseTime(text, now, in(now.Location()))
	if err == nil && !first.Equal(last) {
		err = fmt.Errorf("%v or %v", first, last)
	}
	return first, err
}

// now is the moment at which the times of the tests are read: a moment where
// the date is another one than in UTC.
var now = time.Date(2026, 3, 10, 1, 30, 15, 500_000_000, time.FixedZone("", 5*3600+1800))

func TestParseTime(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"now", "2026-03-10T01:30:15.5+05:30"},
		{" now ", "2026-03-10T01:30:15.5+05:30"},
		{"today", "2026-03-10T00:00:00+05:30"},
		{"yesterday", "2026-03-09T00:00:00+05:30"},

		{"2h", "2026-03-09T23:30:15.5+05:30"},
		{"2h ago", "2026-03-09T23:30:15.5+05:30"},
		{"30m ago", "2026-03-10T01:00:15.5+05:30"},
		{"1h30m", "2026-03-10T00:00:15.5+05:30"},
		{"1.5h", "2026-03-10T00:00:15.5+05:30"},
		{"500ms", "2026-03-10T01:30:15+05:30"},
		{"90s", "2026-03-10T01:28:45.5+05:30"},
		{"1d", "2026-03-09T01:30:15.5+05:30"},
		{"1d ago", "2026-03-09T01:30:15.5+05:30"},
		{"1d12h", "2026-03-08T13:30:15.5+05:30"},
		{"0.5d", "2026-03-09T13:30:15.5+05:30"},
		{"1w", "2026-03-03T01:30:15.5+05:30"},
		{"1w2d3h", "2026-02-28T22:30:15.5+05:30"},
		{"0h", "2026-03-10T01:30:15.5+05:30"},
		{"-2h", "2026-03-09T23:30:15.5+05:30"},
		{"-1d12h", "2026-03-08T13:30:15.5+05:30"},
		{"2 hours ago", "2026-03-09T23:30:15.5+05:30"},
		{"2 Hours Ago", "2026-03-09T23:30:15.5+05:30"},
		{"1 hour", "2026-03-10T00:30:15.5+05:30"},
		{"1 day 12 hours ago", "2026-03-08T13:30:15.5+05:30"},
		{"3 weeks ago", "2026-02-17T01:30:15.5+05:30"},
		{"90 min", "2026-03-10T00:00:15.5+05:30"},
		{"45 secs ago", "2026-03-10T01:29:30.5+05:30"},
		{"1h 30m ago", "2026-03-10T00:00:15.5+05:30"},

		{"08:15", "2026-03-10T08:15:00+05:30"},
		{"8:15", "2026-03-10T08:15:00+05:30"},
		{"00:00:30.5", "2026-03-10T00:00:30.5+05:30"},
		{"24:00", "2026-03-11T00:00:00+05:30"},
		{"today 08:15", "2026-03-10T08:15:00+05:30"},
		{"Yesterday 8:15", "2026-03-09T08:15:00+05:30"},

		{"@0", "1970-01-01T00:00:00Z"},
		{"@1783155600", "2026-07-04T09:00:00Z"},
		{"@1783155600.25", "2026-07-04T09:00:00.25Z"},
		{"@-1.5", "1969-12-31T23:59:58.5Z"},
		{"@1783155600250", "2026-07-04T09:00:00.25Z"},
		{"@1783155600250000000", "2026-07-04T09:00:00.25Z"},
		{"1783155600", "2026-07-04T09:00:00Z"},
		{"1783155600.25", "2026-07-04T09:00:00.25Z"},
		{"1783155600250", "2026-07-04T09:00:00.25Z"},
		{"1783155600250000", "2026-07-04T09:00:00.25Z"},
		{"1783155600250000000", "2026-07-04T09:00:00.25Z"},

		{"2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z"},
		{"2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456789Z"},
		{"2026-03-01T12:00:00.5-08:00", "2026-03-01T20:00:00.5Z"},
		{"2026-03-01T12:00:00+05:30", "2026-03-01T06:30:00Z"},
		{"2026-03-01 12:00:00Z", "2026-03-01T12:00:00Z"},
		{"2026-03-01 12:00:00.25+01:00", "2026-03-01T11:00:00.25Z"},
		{"2026-03-01T12:00Z", "2026-03-01T12:00:00Z"},
		{"2026-03-01 12:00+01:00", "2026-03-01T11:00:00Z"},

		{"2026-03-01", "2026-03-01T00:00:00+05:30"},
		{"2024-02-29", "2024-02-29T00:00:00+05:30"},
		{"2026-03-01T12:34:56", "2026-03-01T12:34:56+05:30"},
		{"2026-03-01 12:34:56", "2026-03-01T12:34:56+05:30"},
		{"2026-03-01T12:34:56.789", "2026-03-01T12:34:56.789+05:30"},
		{"2026-03-01T12:34", "2026-03-01T12:34:00+05:30"},
		{"2026-03-01 12:34", "2026-03-01T12:34:00+05:30"},
		{"2026-04-01", "2026-04-01T00:00:00+05:30"}, // may lie after now
		{"20260301", "2026-03-01T00:00:00+05:30"},
		{"20260301123456", "2026-03-01T12:34:56+05:30"},
		{"20260301T123456Z", "2026-03-01T12:34:56Z"},
		{"2026/03/01 12:34:56", "2026-03-01T12:34:56+05:30"},
		{"2026-03-01 12:34:56,789", "2026-03-01T12:34:56.789+05:30"},
		{"2026-03-01 12:34:56 utc", "2026-03-01T12:34:56Z"},
		{"2026-03-01T12:34:56+0100", "2026-03-01T11:34:56Z"},
		{"2026-02-28T24:00", "2026-03-01T00:00:00+05:30"},
		{"2026-02-28T23:59:60Z", "2026-03-01T00:00:00Z"},
		{"Sun, 01 Mar 2026 12:34:56 GMT", "2026-03-01T12:34:56Z"},
	} {
		t.Run(test.text, func(t *testing.T) {
			want, err := time.Parse(time.RFC3339Nano, test.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parse(test.text, now)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// Where the clocks changed in the night, yesterday still began at midnight.
func TestParseTimeAcrossClockChange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	now := time.Date(2026, 3, 30, 9, 0, 0, 0, berlin) // the day before had 23 hours
	for _, test := range []struct {
		text string
		want time.Time
	}{
		{"today", time.Date(2026, 3, 30, 0, 0, 0, 0, berlin)},
		{"yesterday", time.Date(2026, 3, 29, 0, 0, 0, 0, berlin)},
		{"2026-03-28", time.Date(2026, 3, 28, 0, 0, 0, 0, berlin)},
		{"2026-03-29T12:00:00", time.Date(2026, 3, 29, 10, 0, 0, 0, time.UTC)},
	} {
		if got, err := parse(test.text, now); err != nil || !got.Equal(test.want) {
			t.Errorf("%s: %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

// What clocks show twice is two moments, and what they leave out is their change.
func TestParseTimeAtClockChange(t *testing.T) {
	for _, test := range []struct{ zone, text, first, last string }{
		{"Europe/Zurich", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"Europe/Zurich", "2026-10-25 02:00", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"Europe/Zurich", "2026-10-25 02:59:59.5", "2026-10-25T00:59:59.5Z", "2026-10-25T01:59:59.5Z"},
		{"Europe/Zurich", "2026-10-25 01:59", "2026-10-24T23:59:00Z", "2026-10-24T23:59:00Z"},
		{"Europe/Zurich", "2026-10-25 03:00", "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
		{"Europe/Zurich", "2026-03-29 02:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		{"Europe/Zurich", "2026-03-29 02:30:00.25", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		{"Europe/Zurich", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59Z"},
		{"Europe/Zurich", "2026-03-29 03:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		{"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		{"America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"}, // by half an hour
		{"Asia/Beirut", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-28T22:00:00Z"},               // at midnight
		{"America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-01T05:00:00Z"},            // back to midnight
		{"Pacific/Apia", "2011-12-30 12:00", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},        // a day left out
		{"Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z"},
		{"Pacific/Apia", "2011-12-29 23:00", "2011-12-30T09:00:00Z", "2011-12-30T09:00:00Z"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		first, last, err := selection.ParseTime(test.text, now, in(zone))
		if err != nil {
			t.Fatal(err)
		}
		if have := first.UTC().Format(time.RFC3339Nano); have != test.first {
			t.Errorf("%s %s is first at %s, want %s", test.zone, test.text, have, test.first)
		}
		if have := last.UTC().Format(time.RFC3339Nano); have != test.last {
			t.Errorf("%s %s is last at %s, want %s", test.zone, test.text, have, test.last)
		}
	}
}

// The zone is asked for only where it matters.
func TestParseTimeWithoutZone(t *testing.T) {
	missing := errors.New("no zone")
	for text, want := range map[string]error{
		"now": nil, "2h": nil, "-2h": nil, "2 days ago": nil, "@5": nil, "1783155600": nil, "2026-03-01T12:00Z": nil, "2026-03-01 12:00 UTC": nil,
		"today": missing, "08:15": missing, "2026-03-01": missing, "20260301123456": missing, "2026-03-01T12:00": missing,
	} {
		if _, _, err := selection.ParseTime(text, now, func() (*time.Location, error) { return nil, missing }); err != want {
			t.Errorf("%s: %v, want %v", text, err, want)
		}
	}
}

func TestParseTimeErrors(t *testing.T) {
	for _, text := range []string{
		"", " ", "ago", "tomorrow", "never", "noon",
		"5", "2x", "h", "2h ago ago", "--2h", "-", "1d-2h", "-2h ago", "1d1d", "1w1w", "1d1w", "2h1d", "1dd", "d", "infd", "nand",
		"100001d", "99999w", "1e300d", "300000000h",
		"2026", "2026-03", "2026-13-01", "2026-02-29", "2026-3-1", "26-03-01", "12:", "12:60", "25:00", "24:01", "1:2", "112:00", "08:15Z", "08:15 08:15", "today noon", "yesterday now", "today 2h",
		"@", "@now", "@1.x", "@1e5", "@-", "@99999999999999", "@-99999999999999", "2 fortnights ago", "2 hours hours", "hours ago",
		"2026-03-01T", "2026-03-01T25:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:00X", "2026-03-01T12:00:00+5",
		"2026-03-01 ago",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := parse(text, now); err == nil {
				t.Errorf("read as %v, want an error", got)
			}
		})
	}
}

// An age that no time.Duration holds is an error, not a time to come.
func TestParseTimeOverflow(t *testing.T) {
	for _, text := range []string{"14285w100000d", "100000d200000h", "100000d2500000h"} {
		if got, err := parse(text, now); err == nil {
			t.Errorf("%s: read as %v, want an error", text, got)
		}
	}
}

// An age has no sign: +2h would be read by some as a time to come.
func TestParseTimeSign(t *testing.T) {
	for _, text := range []string{"+2h", "+2h ago", "+1d", "1d+2h"} {
		if got, err := parse(text, now); err == nil {
			t.Errorf("%s: read as %v, want an error", text, got)
		}
	}
}

// Nothing ago is now in every unit.
func TestParseTimeZeroDays(t *testing.T) {
	for _, text := range []string{"0s", "0h", "0d", "0w", "0d0h"} {
		if got, err := parse(text, now); err != nil || !got.Equal(now) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, now)
		}
	}
}

// RFC 3339 allows the lower-case letters, and the timestamps of events may have
// them.
func TestParseTimeLowerCase(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-03-01t12:00:00z", "2026-03-01T12:00:00z", "2026-03-01t12:00:00Z"} {
		if got, err := parse(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}
