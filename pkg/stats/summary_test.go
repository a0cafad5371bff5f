package stats_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

func call(what, tool, turn string) string {
	return fmt.Sprintf(`{"event_type": "tool_call_%s", "session_id": "s", "turn_id": "%s", "tool_name": "%s"}`, what, turn, tool)
}

func denial(tool string) string {
	return `{"event_type": "tool_policy_decision", "session_id": "s", "action": "deny", "tool_name": ` + tool + `}`
}

func many(attempts int) []string {
	return slices.Repeat([]string{call("attempt", "x", "1")}, attempts)
}

// with adds keys to a line.
func with(line, keys string) string { return strings.TrimSuffix(line, "}") + ", " + keys + "}" }

// An end belongs to the attempt with its id, or else to the oldest one of its tool, turn
// and session.
func TestUnfinished(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		calls int64
		want  string // the turns of unfinished attempts
	}{
		{"nothing", nil, 0, ""},
		{"complete", []string{call("attempt", "x", "1"), call("complete", "x", "1")}, 1, ""},
		{"failure", []string{call("attempt", "x", "1"), call("failure", "x", "1")}, 1, ""},
		{"open", []string{call("attempt", "x", "1")}, 1, "1"},
		{"end alone", []string{call("complete", "x", "1")}, 1, ""},
		{"end before", []string{call("complete", "x", "1"), call("attempt", "x", "1")}, 2, "1"},
		{"another turn", []string{call("attempt", "x", "1"), call("complete", "x", "2")}, 2, "1"},
		{"another tool", []string{call("attempt", "x", "1"), call("complete", "y", "1")}, 1, "1"},
		{"two at once", []string{call("attempt", "x", "1"), call("attempt", "x", "1"), call("complete", "x", "1")}, 2, "1"},
		{"two of three", []string{call("attempt", "x", "1"), call("attempt", "x", "2"), call("attempt", "x", "3"), call("complete", "x", "2")}, 3, "1 3"},
		{"by id", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("attempt", "x", "1"), `"call_id": "b"`), call("attempt", "x", "2"), with(call("complete", "x", "1"), `"metadata": {"call_id": "b"}`)}, 3, "1 2"},
		{"by id in another turn", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), call("attempt", "x", "2"), with(call("complete", "x", "2"), `"call_id": "a"`)}, 2, "2"},
		{"the latest of an id", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("attempt", "y", "2"), `"call_id": "a"`), with(call("complete", "y", "1"), `"tool_use_id": "a"`)}, 1, "1"},
		{"an attempt twice", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("attempt", "x", "2"), `"call_id": "a"`), with(call("complete", "x", "2"), `"tool_use_id": "a"`)}, 1, ""},
		{"an attempt twice, without an end", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("attempt", "x", "2"), `"call_id": "a"`)}, 1, "1"},
		{"an attempt after the end", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("complete", "x", "1"), `"call_id": "a"`), with(call("attempt", "x", "2"), `"call_id": "a"`)}, 2, "2"},
		{"denied, then attempted again", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), denial(`"x", "call_id": "a"`), with(call("attempt", "x", "2"), `"call_id": "a"`)}, 1, "1"},
		{"an unknown id", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("complete", "x", "1"), `"call_id": "b"`)}, 2, "1"},
		{"an id of another session", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), with(call("complete", "x", "1"), `"session_id": "o", "call_id": "a"`)}, 2, "1"},
		{"an empty id", []string{with(call("attempt", "x", "1"), `"call_id": ""`), with(call("complete", "x", "1"), `"call_id": null`)}, 1, ""},
		{"a number as a string", []string{with(call("attempt", "x", "1"), `"call_id": 7`), with(call("attempt", "x", "2"), `"call_id": 8`), with(call("complete", "x", "1"), `"call_id": "7"`)}, 2, "2"},
		{"denied after the attempt", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), call("attempt", "x", "2"), denial(`"x", "turn_id": "1", "call_id": "a"`)}, 2, "2"},
		{"denied before the attempt", []string{denial(`"x", "call_id": "a"`), with(call("attempt", "x", "1"), `"call_id": "a"`)}, 1, "1"},
		{"denied without an id", []string{call("attempt", "x", "1"), denial(`"x", "turn_id": "1"`)}, 1, "1"},
		{"denied and ended", []string{with(call("attempt", "x", "1"), `"call_id": "a"`), denial(`"x", "call_id": "a"`), with(call("complete", "x", "1"), `"call_id": "a"`)}, 1, ""},
		{"denied and not ended, of many", append([]string{with(call("attempt", "x", "0"), `"call_id": "a"`), denial(`"x", "call_id": "a"`)}, many(stats.MaxOpen)...), 1 + stats.MaxOpen, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
		{"both ends", []string{call("attempt", "x", "1"), call("complete", "x", "1"), call("failure", "x", "1")}, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := reportOf(test.lines...)
			var turns []string
			for _, a := range r.Unfinished {
				turns = append(turns, a.Turn.String())
			}
			var calls int64
			for _, tool := range r.Tools {
				if tool.Name.String() == "x" {
					calls = tool.Calls
				}
			}
			if have := strings.Join(turns, " "); have != test.want || calls != test.calls {
				t.Errorf("%q without an end of %d calls, want %q of %d", have, calls, test.want, test.calls)
			}
		})
	}
}

// Of many open calls, the right ones stay open.
func TestUnfinishedAmongMany(t *testing.T) {
	const many = 800
	var lines []string
	all := func(what string, from, step int) {
		for i := from; i < many; i += step {
			lines = append(lines, call(what, "x", fmt.Sprint(i)))
		}
	}
	all("attempt", 0, 1)
	all("complete", 1, 2) // not the oldest
	all("attempt", 1, 2)
	all("complete", 0, 1)
	all("attempt", 0, 1)
	all("complete", 0, 2)
	r := reportOf(lines...)
	if n := r.Tools[0].Unfinished; n != many/2 || r.Unfinished[0].Turn.String() != "1" {
		t.Errorf("%d are without an end, the first of turn %s, want %d and 1", n, r.Unfinished[0].Turn, many/2)
	}
}

func TestDenials(t *testing.T) {
	for event, want := range map[string]int64{
		`"tool_policy_decision", "action": "deny"`:    1,
		`"tool_policy_decision", "action": "denied"`:  1,
		`"tool_policy_decision", "action": "block"`:   1,
		`"tool_policy_decision", "action": "blocked"`: 1,
		`"tool_policy_decision", "action": "allow"`:   0,
		`"tool_policy_decision"`:                      0,
		`"sandbox_decision", "context": "deny"`:       0,
		`"tool_loop_block", "action": "deny"`:         0,
	} {
		r := reportOf(`{"tool_name": "x", "event_type": ` + event + `}`)
		if have := r.Tools[0].Denials; have != want {
			t.Errorf("%s: %d denials, want %d", event, have, want)
		}
		if have := int64(len(r.Failures)); have != want {
			t.Errorf("%s: %d failures, want %d", event, have, want)
		}
	}
}

// Failures are grouped by reason and have the last message.
func TestFailures(t *testing.T) {
	r := reportOf(
		`{"event_type": "error", "severity": "error", "error_type": "E", "error_message": "first"}`,
		`{"event_type": "error", "severity": "error", "error_type": "E", "error_message": "last", "timestamp": "2026-03-09T08:00:00Z"}`,
		`{"event_type": "tool_call_failure", "severity": "info", "tool_name": "x"}`,
		`{"event_type": "tool_loop_block", "severity": "critical", "tool_name": "x", "pattern": "p"}`,
		`{"event_type": "tool_policy_decision", "tool_name": "x", "action": "deny", "policy_source": "q"}`,
		`{"event_type": "error", "severity": "warning", "error_type": "E"}`,
	)
	const want = `[{"event_type":"error","tool_name":null,"reason":"E","events":2,"last_message":"last","first":"2026-03-09T08:00:00+00:00","last":"2026-03-09T08:00:00+00:00"},` +
		`{"event_type":"tool_call_failure","tool_name":"x","reason":null,"events":1,"last_message":null,"first":null,"last":null},` +
		`{"event_type":"tool_loop_block","tool_name":"x","reason":"p","events":1,"last_message":null,"first":null,"last":null},` +
		`{"event_type":"tool_policy_decision","tool_name":"x","reason":"q","events":1,"last_message":"deny","first":null,"last":null}]`
	if have, err := json.Marshal(r.Failures); string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
}

// The slowest calls come first, and of equal ones the earlier.
func TestSlowest(t *testing.T) {
	c := stats.Summary{Top: 4}
	for i, ms := range []string{"1", "5", "3", "5", "2", "4", `"9"`, "null", "1e999", "5.5"} {
		add(&c, fmt.Sprintf(`{"event_type": "tool_call_complete", "turn_id": "%d", "duration_ms": %s}`, i, ms))
	}
	add(&c, `{"event_type": "skill_used", "duration_ms": 100}`)
	var have []string
	for _, call := range c.Report().Slowest {
		have = append(have, fmt.Sprintf("%g:%s", call.Duration, call.Turn))
	}
	if want := "5.5:9 5:1 5:3 4:5"; strings.Join(have, " ") != want {
		t.Errorf("%v, want %s", have, want)
	}
	if n := len(reportOf(strings.Split(strings.Repeat(call("attempt", "x", "1")+"\n", 50), "\n")...).Unfinished); n != stats.DefaultTop {
		t.Errorf("%d attempts are listed, want %d", n, stats.DefaultTop)
	}
}

// However many names the log has, each list is limited, and no event is lost.
func TestBounds(t *testing.T) {
	const more = 25
	var c stats.Summary
	for i := range stats.MaxSessions + more {
		add(&c, fmt.Sprintf(`{"event_type": "tool_call_attempt", "session_id": "%d", "turn_id": "%[1]d"}`, i))
	}
	for i := range stats.MaxNames + more {
		add(&c, fmt.Sprintf(`{"event_type": "t%d", "severity": "s%[1]d", "agent_id": "a%[1]d", "tool_name": "x%[1]d"}`, i),
			fmt.Sprintf(`{"event_type": "error", "severity": "error", "error_type": "e%d"}`, i))
	}
	r := c.Report()
	// Two names are not of the loop: those of the attempts and of the errors.
	for what, pair := range map[string][2]int64{
		"types":             {int64(len(r.Types)), stats.MaxNames},
		"other types":       {r.Others.Types, more + 2},
		"severities":        {int64(len(r.Severities)), stats.MaxNames},
		"other severities":  {r.Others.Severities, more + 2},
		"agents":            {int64(len(r.Agents)), stats.MaxNames},
		"other agents":      {r.Others.Agents, more + 1},
		"tools":             {int64(len(r.Tools)), stats.MaxNames},
		"other tools":       {r.Others.Tools.Events, more + 1},
		"failures":          {int64(len(r.Failures)), stats.MaxNames},
		"other failures":    {r.Others.Failures, more},
		"sessions":          {r.Sessions, stats.MaxSessions},
		"other sessions":    {r.Others.Sessions, more},
		"unfinished":        {r.Tools[0].Unfinished, stats.MaxSessions + more},
		"unfinished listed": {int64(len(r.Unfinished)) + r.Others.Unfinished, stats.MaxSessions + more},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %d, want %d", what, pair[0], pair[1])
		}
	}
}

// Long names are cut after a whole character.
func TestLongNames(t *testing.T) {
	long := strings.Repeat("完", 1<<20)
	r := reportOf(
		`{"event_type": "a`+long+`", "tool_name": "`+long+`1"}`,
		`{"event_type": "a`+long+`", "tool_name": "`+long+`2"}`,
		`{"event_type": "a`+long[:300]+`", "tool_name": [`+strings.Repeat("1,", 1000)+`1]}`,
	)
	if len(r.Types) != 2 || r.Types[0].Events != 2 || r.Types[0].Name.String() != "a"+long[:999]+"…" {
		t.Errorf("types %v", r.Types)
	}
	if len(r.Tools) != 2 || r.Tools[0].Name.String() != long[:999]+"…" || r.Tools[1].Name.Kind() != events.String {
		t.Errorf("tools %v", r.Tools)
	}
}

// Equal strings are the same name however they are escaped, and nothing else is.
func TestNames(t *testing.T) {
	var lines []string
	for _, agent := range []string{`"a"`, `"\u0061"`, `"1"`, "1", "1.0", `""`, "null", `"null"`, "true", `"\n"`, `"\u000a"`, `"\u001b"`, `"\"\\\/"`, `"/"`, `{"a":[1]}`} {
		lines = append(lines, `{"event_type": "x", "agent_id": `+agent+`}`)
	}
	r := reportOf(append(lines, `{"event_type": "x"}`)...)
	have, err := json.Marshal(r.Agents)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"name":"a","events":2,"errors":0}`, `{"name":"\n","events":2,"errors":0}`, `{"name":null,"events":2,"errors":0}`,
		`{"name":"1","events":1,"errors":0}`, `{"name":1,"events":1,"errors":0}`, `{"name":"null","events":1,"errors":0}`, `{"name":{"a":[1]},"events":1,"errors":0}`,
	} {
		text, _ := json.Marshal(json.RawMessage(want))
		if !strings.Contains(strings.ReplaceAll(string(have), `\u000a`, `\n`), string(text)) {
			t.Errorf("no %s in %s", text, have)
		}
	}
	if len(r.Agents) != 13 {
		t.Errorf("%d agents: %s", len(r.Agents), have)
	}
}

func at(text string) string {
	return fmt.Sprintf(`{"event_type": "x", "severity": "error", "timestamp": "%s"}`, text)
}

// Buckets become wider as the time they span grows, whatever the order.
func TestTimeline(t *testing.T) {
	for _, test := range []struct {
		name  string
		times string
		width int64 // in milliseconds
		want  string
	}{
		{"one", "2026-03-09T08:00:00.0015Z", 1, "1"},
		{"fits", "2026-03-09T08:00:00.000Z 2026-03-09T08:00:00.023Z", 1, "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1"},
		{"a little more", "2026-03-09T08:00:00.000Z 2026-03-09T08:00:00.024Z", 2, "1 0 0 0 0 0 0 0 0 0 0 0 1"},
		{"backwards", "2026-03-09T08:00:10Z 2026-03-09T08:00:05Z 2026-03-09T08:00:00Z", 500, "1 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 1"},
		{"hours", "2026-03-09T08:59:59Z 2026-03-09T08:00:00Z 2026-03-09T17:00:00Z 2026-03-09T09:00:00Z", 30 * 60_000, "1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1"},
		{"before 1970", "1969-12-31T23:59:59Z 1970-01-01T00:00:00Z", 50, "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1"},
		{"days", "2026-03-09T23:00:00Z 2026-03-20T01:00:00Z 2026-03-20T23:00:00Z", 12 * 3_600_000, "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1"},
		{"all of time", "0001-01-01T00:00:00Z 9999-12-31T23:59:59Z", 200_000 * 24 * 3_600_000, "1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines []string
			for _, text := range strings.Fields(test.times) {
				lines = append(lines, at(text))
			}
			l := reportOf(lines...).Timeline
			var have []string
			for i, b := range l.Buckets {
				have = append(have, fmt.Sprint(b.Events))
				if b.Errors != b.Events {
					t.Errorf("bucket %d has %d errors of %d events", i, b.Errors, b.Events)
				}
			}
			if l.Width != test.width || strings.Join(have, " ") != test.want {
				t.Errorf("in %d ms %v, want in %d %s", l.Width, have, test.width, test.want)
			}
		})
	}
	if l := reportOf(`{"event_type": "x", "timestamp": "soon"}`).Timeline; l != nil {
		t.Errorf("a timeline of no timestamps: %v", l)
	}
}

// Days begin at midnight in the location.
func TestTimelineLocation(t *testing.T) {
	c := stats.Summary{Location: time.FixedZone("", -5*3600-1800)}
	add(&c, at("2026-03-09T08:00:00Z"), at("2026-03-28T08:00:00Z"))
	if have, _ := json.Marshal(c.Report().Timeline.Buckets[0].Start); string(have) != `"2026-03-09T05:30:00+00:00"` {
		t.Errorf("the first day begins at %s", have)
	}
}

func TestNothing(t *testing.T) {
	const want = `{"events":0,"errors":0,"sessions":0,"first":null,"last":null,"untimed":0,"types":[],"severities":[],"agents":[],"tools":[],"tokens":null,` +
		`"failures":[],"slowest":[],"unfinished":[],"timeline":null,"sequence":null,` +
		`"others":{"types":0,"severities":0,"agents":0,"sessions":0,"tools":null,"failures":0,"unfinished":0}}`
	if have, err := json.Marshal(new(stats.Summary).Report()); string(have) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", have, err, want)
	}
}

// A timeline can have more buckets than by default.
func TestBuckets(t *testing.T) {
	for most, want := range map[int]int{0: 21, 120: 101} {
		c := stats.Summary{Buckets: most}
		for i := range 101 {
			var s events.Scanner
			if err := s.Scan(fmt.Appendf(nil, `{"event_type": "x", "timestamp": %d}`, 1_773_043_200+i)); err != nil {
				t.Fatal(err)
			}
			c.Add(&s)
		}
		if have := len(c.Report().Timeline.Buckets); have != want {
			t.Errorf("%d: %d buckets, want %d", most, have, want)
		}
	}
}

// More combinations of names than are counted at once count as well, also between reports.
func TestSummaryOfManyCombinations(t *testing.T) {
	var c stats.Summary
	var s events.Scanner
	const types, agents, tools = 7, 31, 37
	const all = types * agents * tools
	for i := range 2 * all {
		severity := "info"
		if i%3 == 0 {
			severity = "error"
		}
		if err := s.Scan(fmt.Appendf(nil, `{"event_type": "t%d", "agent_id": "a%d", "tool_name": "%d", "severity": %q}`, i%types, i%agents, i%tools, severity)); err != nil {
			t.Fatal(err)
		}
		c.Add(&s)
		if i+1 != all && i+1 != 2*all {
			continue
		}
		r := c.Report()
		times := int64((i + 1) / all)
		if len(r.Types) != types || len(r.Agents) != agents || len(r.Tools) != tools || len(r.Severities) != 2 {
			t.Fatalf("%d types, %d agents, %d tools", len(r.Types), len(r.Agents), len(r.Tools))
		}
		for _, n := range r.Types {
			if n.Events != times*agents*tools {
				t.Errorf("%s: %d events", n.Name, n.Events)
			}
		}
		for _, n := range r.Agents {
			if n.Events != times*types*tools {
				t.Errorf("%s: %d events", n.Name, n.Events)
			}
		}
		errors := int64(0)
		for _, n := range r.Tools {
			if errors += n.Errors; n.Events != times*types*agents {
				t.Errorf("%s: %d events", n.Name, n.Events)
			}
		}
		if errors != r.Errors {
			t.Errorf("tools have %d errors, all have %d", errors, r.Errors)
		}
	}
}
