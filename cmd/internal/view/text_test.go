package view_test

import (
	"strings"
	"testing"
	"time"

	"auditctl/cmd/internal/view"
	"auditctl/pkg/events"
)

// A line of text allocates nothing.
func TestTextAllocatesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("under the race detector, which short runs are for, a sync.Pool forgets at random")
	}
	var s events.Scanner
	if err := s.Scan([]byte(`{"event_type": "tool_call_complete", "timestamp": "2026-03-09T08:15:00.123+00:00", "agent_id": "a", "session_id": "s", "severity": "info", "metadata": {}, "tool_name": "grep the \"log\"", "duration_ms": 1.5, "result_preview": "ok"}`)); err != nil {
		t.Fatal(err)
	}
	for _, o := range []view.Options{{Zone: time.UTC}, {Zone: time.UTC, Width: 80, Color: true}} {
		text, buf := view.NewText(o), make([]byte, 0, 1024)
		if n := testing.AllocsPerRun(100, func() { buf = text.AppendEvent(buf[:0], &s) }); n > 0 {
			t.Errorf("%v allocations for %s", n, buf)
		}
	}
}

// Later rows of a line begin below its headline, whatever is before that.
func TestTextWraps(t *testing.T) {
	t.Parallel()
	var s events.Scanner
	if err := s.Scan([]byte(`{"event_type": "x", "timestamp": "2026-03-09T08:15:00Z", "severity": "info", "agent_id": "ops", "k": "` + strings.Repeat("y", 110) + `"}`)); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Date(2026, 3, 9, 8, 18, 0, 0, time.UTC) }
	for _, o := range []view.Options{
		{Width: 120}, {Width: 80}, {Width: 60}, {Width: 120, Now: now}, {Width: 80, Now: now}, {Width: 60, Now: now},
	} {
		o.Wrap, o.Zone = true, time.UTC
		v := view.NewText(o)
		rows := strings.Split(string(v.Arrange(nil, v.AppendEvent(nil, &s))), "\n")
		if v.NamesDays() {
			rows = rows[1:]
		}
		if have, want := strings.Index(rows[1], "k="), strings.Index(rows[0], "x"); have != want || want < 0 {
			t.Errorf("in %d columns\n%s", o.Width, strings.Join(rows, "\n"))
		}
	}
}
