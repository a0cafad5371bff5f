package turns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// group adds events to g: each line is the last part of a type, then keys. It returns
// the calls of the turns that ended and then of the others, each as the line number of
// its attempt, a dash and that of its end.
func group(t *testing.T, g *turns.Grouper, lines ...string) string {
	t.Helper()
	var s events.Scanner
	var shown []string
	show := func(turn *turns.Turn) {
		for _, n := range turn.Nodes {
			if n.Call != nil {
				shown = append(shown, n.Call.Attempt.Lookup("n").String()+"-"+n.Call.End.Lookup("n").String())
			}
		}
	}
	for i, line := range lines {
		kind, keys, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(kind, "turn") {
			kind = "tool_call_" + kind
		}
		if !strings.Contains(keys, "turn_id") {
			keys += `, "turn_id": "t"`
		}
		line := fmt.Sprintf(`{"event_type": "%s", "n": %d, "tool_name": "x", "session_id": "s", %s}`, kind, i+1, strings.TrimPrefix(keys, ", "))
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(line, err)
		}
		ended, belongs := g.Add(&s)
		if ended != nil {
			show(ended)
		}
		if !belongs {
			shown = append(shown, fmt.Sprint(i+1))
		}
	}
	for turn := g.TakeOldest(); turn != nil; turn = g.TakeOldest() {
		show(turn)
	}
	return strings.Join(shown, " ")
}

func TestPairs(t *testing.T) {
	for _, test := range []struct {
		name, want string
		lines      []string
	}{
		{"by order", "1-3 2-4", []string{`attempt`, `attempt`, `complete`, `failure`}},
		{"by id", "1-4 2-3", []string{`attempt "call_id": "a"`, `attempt "call_id": "b"`, `complete "call_id": "b"`, `failure "call_id": "a"`}},
		{"in metadata", "1-4 2-3", []string{`attempt "metadata": {"call_id": "a"}`, `attempt "metadata": {"k": {"call_id": "z"}, "call_id": "b"}`, `complete "metadata": {"tool_use_id": "b"}`, `complete "call_id": "a"`}},
		{"by other names", "1-4 2-3", []string{`attempt "tool_call_id": "a"`, `attempt "tool_use_id": "b"`, `complete "call_id": "b"`, `complete "tool_use_id": "a"`}},
		{"the first name counts", "1- 2-3", []string{`attempt "tool_use_id": "a", "call_id": "b"`, `attempt "call_id": "a"`, `complete "tool_use_id": "b", "tool_call_id": "a"`}},
		{"the event before its metadata", "1- 2-3", []string{`attempt "call_id": "a"`, `attempt "call_id": "b"`, `complete "metadata": {"call_id": "a"}, "tool_use_id": "b"`}},
		{"the last of a key counts", "1-4 2-3", []string{`attempt "call_id": "b", "call_id": "a"`, `attempt "call_id": "b"`, `complete "call_id": "b"`, `complete "metadata": {"call_id": "b", "call_id": "a"}`}},
		{"another spelling", "1-4 2-3", []string{`attempt "call_id": "a"`, `attempt "call\u005fid": "\u0062"`, `complete "call_id": "b"`, `complete "metadata": {"call\u005fid": "\u0061"}`}},
		{"numbers", "1-4 2-3", []string{`attempt "call_id": 1`, `attempt "call_id": 2`, `complete "call_id": 2`, `complete "call_id": 1`}},
		{"null and empty are no ids", "1-4 2-5 3-6", []string{`attempt "call_id": ""`, `attempt "call_id": null`, `attempt "call_id": ""`, `complete "call_id": ""`, `complete "call_id": null`, `complete "metadata": {"call_id": ""}`}},
		{"an empty id hides no other", "1- 2-3", []string{`attempt`, `attempt "call_id": "", "tool_call_id": null, "metadata": {"call_id": "a"}`, `complete "tool_use_id": "a"`}},
		{"neither string nor number", "1-3 2-4", []string{`attempt "call_id": {"a": 1}`, `attempt "call_id": [2]`, `complete "call_id": [2]`, `complete "call_id": true`}},
		{"an end without an id", "1-3 2-4", []string{`attempt "call_id": "a"`, `attempt "call_id": "b"`, `complete`, `complete`}},
		{"an end without an id ends one with an id", "1-3 2- -4", []string{`attempt "call_id": "a"`, `attempt "call_id": "b"`, `complete`, `complete "call_id": "a"`}},
		{"some with an id", "1-4 2-3", []string{`attempt`, `attempt "call_id": "b"`, `complete "call_id": "b"`, `complete`}},
		{"an unknown id", "1- 2- -3", []string{`attempt`, `attempt "call_id": "a"`, `complete "call_id": "b"`}},
		{"an end twice", "1-3 2- -4", []string{`attempt "call_id": "a"`, `attempt "call_id": "b"`, `complete "call_id": "a"`, `complete "call_id": "a"`}},
		{"the latest of an id", "1-4 2-3", []string{`attempt "call_id": "a"`, `attempt "call_id": "a", "tool_name": "y"`, `complete "call_id": "a"`, `complete "call_id": "a"`}},
		{"an attempt twice", "1-3 -4", []string{`attempt "call_id": "a"`, `attempt "call_id": "a"`, `complete "call_id": "a"`, `complete "call_id": "a"`}},
		{"an attempt twice in two turns", "1-5", []string{`attempt "call_id": "a"`, `turn_end`, `attempt "call_id": "a", "turn_id": "u"`, `turn_end "turn_id": "u"`, `failure "call_id": "a"`}},
		{"an attempt twice, without an end", "1-", []string{`attempt "call_id": "a"`, `attempt "call_id": "a"`, `attempt "call_id": "a"`}},
		{"an attempt after the end", "1-2 3-4", []string{`attempt "call_id": "a"`, `complete "call_id": "a"`, `attempt "call_id": "a"`, `complete "call_id": "a"`}},
		{"attempts of two sessions", "1- 2-", []string{`attempt "call_id": "a"`, `attempt "call_id": "a", "session_id": "o"`}},
		{"an id of another session", "1- -2", []string{`attempt "call_id": "a"`, `complete "call_id": "a", "session_id": "o"`}},
		{"another tool", "1-2", []string{`attempt "call_id": "a"`, `complete "call_id": "a", "tool_name": "y"`}},
		{"another turn", "1-2", []string{`attempt "call_id": "a"`, `complete "call_id": "a", "turn_id": "u"`}},
		{"another turn, by order", "1- -2", []string{`attempt`, `complete "turn_id": "u"`}},
		{"no turn", "1-2", []string{`attempt "call_id": "a"`, `complete "call_id": "a", "turn_id": null`}},
		{"no turn and no id", "2 1-", []string{`attempt`, `complete "turn_id": null`}},
		{"after the turn", "1-3", []string{`attempt "call_id": "a"`, `turn_end`, `complete "call_id": "a"`}},
		{"after the turn, by order", "1- -3", []string{`attempt`, `turn_end`, `complete`}},
		{"in a later turn", "1-4 3-5", []string{`attempt "call_id": "a"`, `turn_end`, `attempt "turn_id": "u"`, `complete "turn_id": "u", "call_id": "a"`, `complete "turn_id": "u"`, `turn_end "turn_id": "u"`}},
		{"a number as a string", "1-2", []string{`attempt "call_id": 7`, `complete "call_id": "7"`}},
		{"names do not run together", "1- -2", []string{`attempt "tool_name": "ab", "turn_id": "c"`, `complete "tool_name": "a", "turn_id": "bc"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if have := group(t, &turns.Grouper{}, test.lines...); have != test.want {
				t.Errorf("have %s, want %s", have, test.want)
			}
		})
	}
}

// Taking the oldest turn whenever Full says so keeps to the limit, and the calls of a
// turn that was taken are no longer open.
func TestLimit(t *testing.T) {
	g, taken := turns.Grouper{Limit: 100_000}, 0
	var s events.Scanner
	for i := range 1000 {
		line := fmt.Sprintf(`{"event_type": "tool_call_attempt", "turn_id": "%d", "session_id": "s", "call_id": "%d"}`, i, i)
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(err)
		}
		g.Add(&s)
		for ; g.Full(); taken++ {
			if id := g.TakeOldest().ID; id != (turns.ID{Session: "s", Turn: fmt.Sprint(taken)}) {
				t.Fatalf("took %v, want %d", id, taken)
			}
		}
	}
	if taken < 900 || taken > 990 {
		t.Errorf("took %d of 1000 turns", taken)
	}
	for g.TakeOldest() != nil {
	}
	if have := group(t, &g, `complete "call_id": "1"`); have != "-1" {
		t.Errorf("have %s, want an end alone", have)
	}
}

func TestDecisions(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string // the line numbers of each call's decisions, a colon and that of its attempt
	}{
		"by order":                 {[]string{"policy", "policy", "attempt", "attempt"}, "1:3 2:4"},
		"by id":                    {[]string{"policy a", "policy b", "attempt b", "attempt a"}, "1:4 2:3"},
		"one call with an id":      {[]string{"policy a", "policy", "sandbox a", "attempt", "attempt a"}, "1,3:5 2:4"},
		"two policy decisions":     {[]string{"policy a", "policy a", "attempt a"}, "1,2:3"},
		"denied but attempted":     {[]string{"deny a", "attempt a"}, "1:2"},
		"denied":                   {[]string{"deny a", "attempt b"}, "1: :2"},
		"denied without an id":     {[]string{"deny", "attempt b"}, "1: :2"},
		"an attempt without an id": {[]string{"policy a", "attempt"}, "1: :2"},
		"a decision without an id": {[]string{"policy", "attempt a"}, "1:2"},
		"a late decision":          {[]string{"policy a", "attempt a", "sandbox a"}, "1,3:2"},
		"after the attempt":        {[]string{"attempt a", "attempt b", "deny a", "policy b"}, "3:1 4:2"},
		"before an end alone":      {[]string{"policy a", "end b", "end a", "end a"}, "1: : :"},
		"after the end":            {[]string{"attempt a", "end a", "policy a"}, "3:1"},
		"of a call of the same id": {[]string{"policy a", "attempt a", "end a", "policy a", "attempt a"}, "1:2 4:5"},
	} {
		t.Run(name, func(t *testing.T) {
			types := map[string]string{
				"policy": `"tool_policy_decision", "action": "allow"`, "deny": `"tool_policy_decision", "action": "deny"`,
				"sandbox": `"sandbox_decision"`, "attempt": `"tool_call_attempt"`, "end": `"tool_call_complete"`,
			}
			var g turns.Grouper
			for i, line := range test.lines {
				kind, id, _ := strings.Cut(line, " ")
				var s events.Scanner
				if err := s.Scan(fmt.Appendf(nil, `{"event_type": %s, "n": %d, "tool_name": "x", "turn_id": "t", "call_id": "%s"}`, types[kind], i+1, id)); err != nil {
					t.Fatal(err)
				}
				g.Add(&s)
			}
			var calls []string
			for _, n := range g.TakeOldest().Nodes {
				var decisions []string
				for _, e := range n.Call.Decisions {
					decisions = append(decisions, e.Lookup("n").String())
				}
				calls = append(calls, strings.Join(decisions, ",")+":"+n.Call.Attempt.Lookup("n").String())
			}
			if have := strings.Join(calls, " "); have != test.want {
				t.Errorf("have %s, want %s", have, test.want)
			}
		})
	}
}

// Events can be kept by the caller, who gets each that belongs to a turn once.
func TestKeep(t *testing.T) {
	var kept []string
	g := turns.Grouper{Keep: func(e events.Event) events.Event {
		kept = append(kept, e.Type())
		return e
	}}
	lines := []string{
		event("start t -"), event("note - -"), event("call t -", id("c")), event("deny t -", id("c"), `"tool_name": "x"`),
		event("done t -", id("c")), event("switch t -", began("A", "c")), event("end t -"), event("note - -"),
	}
	treeOf(t, &g, lines...)
	want := []string{"turn_start", "tool_call_attempt", "tool_policy_decision", "tool_call_complete", "agent_switch", "turn_end", "note"}
	if !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}

// How a call ended.
func TestOutcome(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"complete":                     {[]string{event("call t -", id("c")), event("done t -", id("c"))}, turns.OK},
		"success":                      {[]string{event("done t -", `"status": "success"`)}, turns.OK},
		"another status":               {[]string{event("done t -", `"status": "ended"`)}, "ended"},
		"no end":                       {[]string{event("call t -")}, turns.NoEnd},
		"denied, then attempted again": {[]string{event("call t -", id("c")), event("deny t -", id("c"), `"action": "deny"`), event("call t -", id("c"))}, turns.NoEnd},
		"denied":                       {[]string{event("call t -", id("c")), event("deny t -", id("c"), `"action": "deny"`)}, turns.Denied},
		"denied itself":                {[]string{event("call t -", id("c"), `"metadata": {"decision": "deny"}`)}, turns.Denied},
		"denied, but ok":               {[]string{event("call t -", id("c")), event("deny t -", id("c"), `"action": "deny"`), event("done t -", id("c"))}, turns.Denied},
		"not run":                      {[]string{event("deny t -", id("c"), `"action": "allow", "tool_name": "x"`)}, turns.NotRun},
		"failed":                       {[]string{strings.Replace(event("done t -"), "complete", "failure", 1)}, turns.Failed},
	} {
		var g turns.Grouper
		for _, line := range test.lines {
			var s events.Scanner
			if err := s.Scan([]byte(line)); err != nil {
				t.Fatal(err)
			}
			g.Add(&s)
		}
		if have := g.TakeOldest().Nodes[0].Call.Outcome(); have != test.want {
			t.Errorf("%s: have %s, want %s", name, have, test.want)
		}
	}
}
