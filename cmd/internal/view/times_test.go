package view_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
)

// Times are local, with milliseconds, and without the date if that takes too much of a
// line.
func TestTimes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		timestamp, zone string
		width           int
		want            string
	}{
		{"2026-03-09T08:15:00.123999+00:00", "UTC", 0, "2026-03-09 08:15:00.123"},
		{"2026-03-09T23:15:00Z", "Asia/Kolkata", 120, "2026-03-10 04:45:00.000"},
		{"2026-03-09T08:15:00.007-01:00", "UTC", 119, "09:15:00.007"},
		{"0001-01-01T00:00:00Z", "America/New_York", 0, "0000-12-31 19:03:58.000"},
		{"9999-12-31T23:59:59Z", "Asia/Kolkata", 0, "9999-12-31T23:59:59Z"},
		{"soon", "UTC", 0, "soon"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Skip(err)
		}
		var s events.Scanner
		if err := s.Scan([]byte(`{"event_type": "x", "timestamp": "` + test.timestamp + `"}`)); err != nil {
			t.Fatal(err)
		}
		v := view.NewText(view.Options{Width: test.width, Zone: zone})
		got := v.Arrange(nil, v.AppendEvent(nil, &s))
		if !bytes.Contains(got, []byte(test.want)) {
			t.Errorf("%s in %s: %q, want %q", test.timestamp, test.zone, got, test.want)
		}
	}
}

// Ages are in the largest unit that they fill. In every view they take as many columns as
// the longest.
func TestAges(t *testing.T) {
	now := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	o := view.Options{Zone: time.UTC, Now: func() time.Time { return now }}
	for timestamp, want := range map[string]string{
		"2026-03-09T08:00:00Z":          "now",
		"2026-03-09T07:59:59.001Z":      "now",
		"2026-03-09T07:59:58Z":          "2s ago",
		"2026-03-09T07:59:00.001Z":      "59s ago",
		"2026-03-09T07:59:00Z":          "1m ago",
		"2026-03-09T07:00:01Z":          "59m ago",
		"2026-03-09T06:00:00Z":          "2h ago",
		"2026-03-08T08:00:00+00:00":     "1d ago",
		"2025-03-10T08:00:00Z":          "364d ago",
		"2025-03-09T08:00:00Z":          "1y ago",
		"0001-01-01T00:00:00Z":          "2025y ago",
		"2024-03-09T08:00:00Z":          "2y ago",
		"2024-03-09T08:00:01Z":          "1y ago",
		"2026-03-09T08:00:01.5Z":        "in 1s",
		"2026-03-09T11:00:00.000-01:00": "in 4h",
		"9999-12-31T23:59:59Z":          "in 7973y",
		"soon":                          "soon",
	} {
		line := []byte(`{"event_type": "x", "timestamp": "` + timestamp + `"}` + "\n")
		var s events.Scanner
		if err := s.Scan(line); err != nil {
			t.Fatal(err)
		}
		for name, shown := range map[string][]byte{
			"text":  view.NewText(o).AppendEvent(nil, &s),
			"table": view.NewTable(o, nil).Arrange(nil, line)[len("timestamp  severity  event_type  agent_id  tool_name  duration_ms  session_id  turn_id\n"):],
			"tree":  view.NewTree(o, true, 1).Arrange(nil, line)[len("no session\n  "):],
		} {
			if have := string(shown[:len("364d ago ")]); strings.TrimRight(have, " ") != want {
				t.Errorf("%s is %q in a %s, want %q", timestamp, have, name, want)
			}
		}
	}
}
