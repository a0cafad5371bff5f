package turns_test

import (
	"fmt"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// When a turn began and ended, and its first call, in seconds.
func TestSpan(t *testing.T) {
	const (
		start   = `"event_type": "turn_start"`
		end     = `"event_type": "turn_end"`
		attempt = `"event_type": "tool_call_attempt", "call_id": "c"`
		done    = `"event_type": "tool_call_complete", "call_id": "c"`
		deny    = `"event_type": "tool_policy_decision", "call_id": "c", "action": "deny"`
		note    = `"event_type": "note"`
		never   = -1
	)
	type line struct {
		event string
		at    int
	}
	for name, test := range map[string]struct {
		lines      []line
		turn, call string
	}{
		"all known":                   {[]line{{start, 1}, {attempt, 2}, {done, 4}, {end, 9}}, "1-9", "2-4"},
		"no start":                    {[]line{{attempt, 2}, {done, 4}, {end, 9}}, "2-9", "2-4"},
		"no end":                      {[]line{{start, 1}, {note, 0}, {attempt, 2}, {done, 4}, {note, 8}}, "0-8", "2-4"},
		"only calls":                  {[]line{{attempt, 2}, {done, 4}}, "2-4", "2-4"},
		"an end before the start":     {[]line{{start, 9}, {attempt, 2}, {done, 4}, {end, 1}}, "1-9", "2-4"},
		"a call after the end":        {[]line{{start, 1}, {attempt, 2}, {done, 20}, {end, 9}}, "1-9", "2-20"},
		"a call that ends before":     {[]line{{attempt, 4}, {done, 2}}, "2-4", "4-2"},
		"without an end":              {[]line{{start, 1}, {attempt, 2}, {end, 9}}, "1-9", "2-2"},
		"denied":                      {[]line{{attempt, 2}, {deny, 5}, {end, 9}}, "2-9", "2-5"},
		"only the end, by its length": {[]line{{done + `, "duration_ms": 3000`, 4}}, "1-4", "1-4"},
		"an end without a time":       {[]line{{attempt, 2}, {done + `, "duration_ms": 3000`, never}}, "2-5", "2-5"},
		"no times":                    {[]line{{start, never}, {attempt, never}, {done, never}}, "unknown", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			var g turns.Grouper
			for _, l := range test.lines {
				at := ""
				if l.at != never {
					at = fmt.Sprintf(`, "timestamp": "2026-03-09T08:00:%02dZ"`, l.at)
				}
				var s events.Scanner
				if err := s.Scan(fmt.Appendf(nil, `{%s%s, "session_id": "s", "turn_id": "t"}`, l.event, at)); err != nil {
					t.Fatal(err)
				}
				if turn, _ := g.Add(&s); turn != nil {
					check(t, turn, test.turn, test.call)
					return
				}
			}
			check(t, g.TakeOldest(), test.turn, test.call)
		})
	}
}

func check(t *testing.T, turn *turns.Turn, wantTurn, wantCall string) {
	t.Helper()
	text := func(s turns.Span) string {
		if !s.Known {
			return "unknown"
		}
		return fmt.Sprintf("%d-%d", s.Start.Second(), s.End.Second())
	}
	if have := text(turn.Span()); have != wantTurn {
		t.Errorf("the turn is %s, want %s", have, wantTurn)
	}
	for _, n := range turn.Nodes {
		if n.Call != nil {
			if have := text(n.Call.Span()); have != wantCall {
				t.Errorf("the call is %s, want %s", have, wantCall)
			}
		}
	}
}
