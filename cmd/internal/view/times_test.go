package view_test

import (
	"bytes"
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
