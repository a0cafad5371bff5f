package selection_test

import (
	"testing"
	"time"

	"auditctl/pkg/selection"
)

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
	} {
		t.Run(test.text, func(t *testing.T) {
			want, err := time.Parse(time.RFC3339Nano, test.want)
			if err != nil {
				t.Fatal(err)
			}
			got, err := selection.ParseTime(test.text, now)
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
		if got, err := selection.ParseTime(test.text, now); err != nil || !got.Equal(test.want) {
			t.Errorf("%s: %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

func TestParseTimeErrors(t *testing.T) {
	for _, text := range []string{
		"", " ", "ago", "tomorrow", "never", "noon",
		"5", "2x", "h", "2h ago ago", "-2h", "-1d", "1d-2h", "-2h ago", "1d1d", "1w1w", "1d1w", "2h1d", "1dd", "d", "infd", "nand",
		"100001d", "99999w", "1e300d", "300000000h",
		"2026", "2026-03", "2026-13-01", "2026-02-29", "2026-3-1", "26-03-01", "12:00",
		"2026-03-01T", "2026-03-01T25:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:00X", "2026-03-01T12:00:00+5",
		"2026-03-01 ago",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := selection.ParseTime(text, now); err == nil {
				t.Errorf("read as %v, want an error", got)
			}
		})
	}
}

// An age that no time.Duration holds is an error, not a time to come.
func TestParseTimeOverflow(t *testing.T) {
	for _, text := range []string{"14285w100000d", "100000d200000h", "100000d2500000h"} {
		if got, err := selection.ParseTime(text, now); err == nil {
			t.Errorf("%s: read as %v, want an error", text, got)
		}
	}
}

// An age has no sign: +2h would be read by some as a time to come.
func TestParseTimeSign(t *testing.T) {
	for _, text := range []string{"+2h", "+2h ago", "+1d", "1d+2h"} {
		if got, err := selection.ParseTime(text, now); err == nil {
			t.Errorf("%s: read as %v, want an error", text, got)
		}
	}
}

// Nothing ago is now in every unit.
func TestParseTimeZeroDays(t *testing.T) {
	for _, text := range []string{"0s", "0h", "0d", "0w", "0d0h"} {
		if got, err := selection.ParseTime(text, now); err != nil || !got.Equal(now) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, now)
		}
	}
}

// RFC 3339 allows the lower-case letters, and the timestamps of events may have
// them.
func TestParseTimeLowerCase(t *testing.T) {
	want := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-03-01t12:00:00z", "2026-03-01T12:00:00z", "2026-03-01t12:00:00Z"} {
		if got, err := selection.ParseTime(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
}
