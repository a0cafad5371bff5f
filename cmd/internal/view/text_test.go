package view_test

import (
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
