package turns_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// Turns that are made of the memory of others are what they are without that.
func TestRelease(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	one := func(of ...string) string { return of[r.IntN(len(of))] }
	plain, reusing := &turns.Grouper{Limit: 30_000}, &turns.Grouper{Limit: 30_000}
	var s events.Scanner
	reused := map[*turns.Turn]bool{}
	again := 0
	same := func(a, b *turns.Turn) {
		t.Helper()
		if (a == nil) != (b == nil) {
			t.Fatalf("%v and %v", a, b)
		}
		if a == nil {
			return
		}
		if want, have := described(a), described(b); have != want {
			t.Fatalf("have\n%s\nwant\n%s", have, want)
		}
		if reused[b] {
			again++
		}
		reused[b] = true
		reusing.Release(b)
	}
	for i := range 20_000 {
		line := fmt.Sprintf(`{"event_type": "%s", "number": %d, "timestamp": "2026-03-09T08:%02d:%02dZ", "session_id": "%s", "turn_id": %s, "agent_id": "%s", "tool_name": "%s", "action": "%s"%s%s, "text": "%s"}`,
			one(events.TypeTurnStart, events.TypeTurnEnd, events.TypeToolCallAttempt, events.TypeToolCallAttempt, events.TypeToolCallComplete, events.TypeToolCallFailure,
				events.TypeToolPolicyDecision, events.TypeSandboxDecision, events.TypeAgentSwitch, "note"),
			i, i/60%60, i%60, one("s1", "s2"), one(`"t1"`, `"t2"`, `"t3"`, "null"), one("a", "b", "c"), one("x", "y"), one("allow", "deny"),
			one("", "", fmt.Sprintf(`, "call_id": "%d"`, r.IntN(9))), one("", "", "", fmt.Sprintf(`, "metadata": {"parent_call_id": "%d"}, "to_agent": "b"`, r.IntN(9))),
			strings.Repeat("x", r.IntN(1500)))
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(err)
		}
		a, belongs := plain.Add(&s)
		b, belongsToo := reusing.Add(&s)
		if belongs != belongsToo {
			t.Fatalf("%s: belongs %v and %v", line, belongs, belongsToo)
		}
		same(a, b)
		for plain.Full() {
			same(plain.TakeOldest(), reusing.TakeOldest())
		}
	}
	if again == 0 {
		t.Error("no memory was used again")
	}
}

// described spells out a turn.
func described(t *turns.Turn) string {
	var b strings.Builder
	fmt.Fprintln(&b, t.ID, t.Agent, t.Loose, t.Start, t.End, t.Span(), t.Parallel())
	for _, n := range t.Nodes {
		c := n.Call
		if c == nil {
			fmt.Fprintln(&b, n.Event)
			continue
		}
		fmt.Fprintln(&b, c.Tool, c.Decisions, c.Attempt, c.End, c.Repeats, c.Denied, c.Switches, c.Outcome(), c.Refused(), c.Span())
		for _, below := range c.Below {
			b.WriteString(described(below))
		}
	}
	return b.String()
}
