package stats_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/stats"
)

// add counts the lines that are events, as the commands do: many notes at a time.
func add(c *stats.Summary, lines ...string) {
	var s events.Scanner
	var notes []byte
	for _, line := range lines {
		if s.Scan([]byte(line)) != nil {
			continue
		}
		if _, err := s.Event(); err == nil {
			notes = c.AppendNote(notes, &s)
		}
	}
	c.AddNotes(notes)
}

func reportOf(lines ...string) *stats.Report {
	var c stats.Summary
	add(&c, lines...)
	return c.Report()
}

// plain is a naive reference implementation, with maps, all durations, and linear
// searches.
type plain struct {
	events, errors, untimed                   int
	types, severities, agents, sessions, tool map[string]int
	calls, unfinished                         map[string]int
	durations                                 map[string][]float64
	open                                      [][3]string // call, session with id, tool
	first, last                               time.Time
}

func newPlain() *plain {
	return &plain{
		types: map[string]int{}, severities: map[string]int{}, agents: map[string]int{}, sessions: map[string]int{}, tool: map[string]int{},
		calls: map[string]int{}, unfinished: map[string]int{}, durations: map[string][]float64{},
	}
}

// plainName returns a string that is equal for equal JSON values.
func plainName(raw []byte) string {
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &text) == nil:
		return "text " + text
	}
	return string(raw)
}

// plainID returns the call id.
func plainID(keys map[string]json.RawMessage) string {
	for _, key := range []string{"call_id", "tool_call_id", "tool_use_id"} {
		if raw := keys[key]; len(raw) > 0 && strings.IndexByte(`"-0123456789`, raw[0]) >= 0 && string(raw) != `""` {
			return strings.TrimPrefix(plainName(raw), "text ")
		}
	}
	return ""
}

func (p *plain) add(line string) {
	var keys map[string]json.RawMessage
	var eventType, severity string
	if json.Unmarshal([]byte(line), &keys) != nil || json.Unmarshal(keys["event_type"], &eventType) != nil || keys["event_type"][0] != '"' {
		return
	}
	p.events++
	json.Unmarshal(keys["severity"], &severity)
	name := plainName(keys["severity"])
	if meant, ok := events.ParseSeverity(severity); ok && strings.HasPrefix(name, "text ") {
		name = "text " + string(meant)
		if meant == "error" || meant == "critical" {
			p.errors++
		}
	}
	p.types[plainName(keys["event_type"])]++
	p.severities[name]++
	p.agents[plainName(keys["agent_id"])]++
	p.sessions[plainName(keys["session_id"])]++
	tool := plainName(keys["tool_name"])
	call := fmt.Sprint([]string{tool, plainName(keys["session_id"]), plainName(keys["turn_id"])})
	if tool != "" {
		p.tool[tool]++
	}
	id := plainID(keys)
	if raw := keys["metadata"]; id == "" && len(raw) > 0 && raw[0] == '{' {
		var metadata map[string]json.RawMessage
		json.Unmarshal(raw, &metadata)
		id = plainID(metadata)
	}
	if id != "" {
		id = fmt.Sprint([]string{plainName(keys["session_id"]), id})
	}
	switch eventType {
	case "tool_call_attempt":
		latest := [3]string{}
		for _, open := range p.open {
			if id != "" && open[1] == id {
				latest = open
			}
		}
		if latest[1] == "" || latest[2] != tool {
			p.open = append(p.open, [3]string{call, id, tool})
			p.unfinished[tool]++
			p.calls[tool]++
		}
	case "tool_call_complete", "tool_call_failure":
		p.calls[tool]++
		i := slices.IndexFunc(p.open, func(open [3]string) bool { return open[0] == call })
		if id != "" {
			for i = len(p.open) - 1; i >= 0 && p.open[i][1] != id; i-- {
			}
		}
		if i >= 0 {
			p.unfinished[p.open[i][2]]--
			p.calls[p.open[i][2]]--
			p.open = slices.Delete(p.open, i, i+1)
		}
		var ms float64
		if raw := keys["duration_ms"]; len(raw) > 0 && strings.IndexByte("-0123456789", raw[0]) >= 0 && json.Unmarshal(raw, &ms) == nil {
			p.durations[tool] = append(p.durations[tool], ms)
		}
	}
	var text string
	if json.Unmarshal(keys["timestamp"], &text); len(keys["timestamp"]) > 0 && keys["timestamp"][0] == '"' {
		if at, ok := events.ParseTimestamp([]byte(text)); ok {
			at = at.Truncate(time.Microsecond)
			if p.first.IsZero() || at.Before(p.first) {
				p.first = at
			}
			if at.After(p.last) {
				p.last = at
			}
			return
		}
	}
	p.untimed++
}

func counted(all []stats.Count) map[string]int {
	counts := map[string]int{}
	for _, c := range all {
		counts[plainName(c.Name)] = int(c.Events)
	}
	return counts
}

// compare reports where a report differs from p.
func (p *plain) compare(t *testing.T, r *stats.Report) {
	t.Helper()
	delete(p.sessions, "")
	for what, pair := range map[string][2]any{
		"events":     {int(r.Events), p.events},
		"errors":     {int(r.Errors), p.errors},
		"untimed":    {int(r.Untimed), p.untimed},
		"sessions":   {int(r.Sessions), len(p.sessions)},
		"types":      {counted(r.Types), p.types},
		"severities": {counted(r.Severities), p.severities},
		"agents":     {counted(r.Agents), p.agents},
	} {
		if have, want := fmt.Sprint(pair[0]), fmt.Sprint(pair[1]); have != want {
			t.Errorf("%s: %s, want %s", what, have, want)
		}
	}
	if r.First.Known() != (p.untimed < p.events) {
		t.Errorf("the first is known: %v", r.First.Known())
	}
	if r.First.Known() && (!r.First.Time().Equal(p.first) || !r.Last.Time().Equal(p.last)) {
		t.Errorf("%v to %v, want %v to %v", r.First.Time(), r.Last.Time(), p.first, p.last)
	}
	if r.Timeline != nil {
		sum := int64(0)
		for _, b := range r.Timeline.Buckets {
			sum += b.Events
		}
		if sum != r.Events-r.Untimed {
			t.Errorf("%d events in the timeline, want %d", sum, r.Events-r.Untimed)
		}
	}
	unfinished := 0
	for _, tool := range r.Tools {
		name := plainName(tool.Name)
		unfinished += int(tool.Unfinished)
		if (name != "" && int(tool.Events) != p.tool[name]) || int(tool.Calls) != p.calls[name] || int(tool.Unfinished) != p.unfinished[name] {
			t.Errorf("%s: %+v, want %d events, %d calls, %d without an end", name, tool, p.tool[name], p.calls[name], p.unfinished[name])
		}
		compareDurations(t, name, tool.Durations, p.durations[name])
	}
	if unfinished != len(p.open) {
		t.Errorf("%d calls without an end, want %d", unfinished, len(p.open))
	}
}

// compareDurations checks that quantiles are within 1 % and the rest is exact.
func compareDurations(t *testing.T, name string, have *stats.Durations, all []float64) {
	t.Helper()
	if len(all) == 0 || have == nil {
		if len(all) != 0 || have != nil {
			t.Errorf("%s: durations %v, want %v", name, have, all)
		}
		return
	}
	slices.Sort(all)
	if have.Count != int64(len(all)) || have.Max != all[len(all)-1] {
		t.Errorf("%s: %d up to %g, want %d up to %g", name, have.Count, have.Max, len(all), all[len(all)-1])
	}
	for p, quantile := range map[int]float64{50: have.P50, 95: have.P95, 99: have.P99} {
		// The smallest with at least p percent at or below it.
		var want float64
		for i, ms := range all {
			if want = ms; 100*(i+1) >= p*len(all) {
				break
			}
		}
		if math.Abs(quantile-want) > math.Abs(want)/100 {
			t.Errorf("%s: p%d of %d is %g, want %g", name, p, len(all), quantile, want)
		}
	}
}

// randomLog returns lines many of which belong together.
func randomLog(r *rand.Rand, n int) []string {
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	spread := math.Pow(10, float64(r.IntN(10)))
	var lines []string
	for range n {
		at := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC).Add(time.Duration(r.NormFloat64() * spread * float64(time.Millisecond)))
		lines = append(lines, fmt.Sprintf(`{"event_type": "%s", "timestamp": "%s", "agent_id": %s, "session_id": %s, "turn_id": %s, "severity": "%s", "tool_name": %s, "duration_ms": %g%s}`,
			pick("tool_call_attempt", "tool_call_attempt", "tool_call_complete", "tool_call_failure", "turn_start", "tool\\u005fcall_attempt"),
			at.Format(time.RFC3339Nano), pick(`"a"`, `"\u0061"`, `"b"`, "null", "1", `"1"`, `""`), pick(`"s"`, `"t"`, "null"), pick(`"1"`, `"2"`),
			pick("info", "error", "critical", "odd", "Err", "INFO"), pick(`"grep"`, `"sh\"\\"`, `"完"`, "null", "[1]"), math.Exp(r.NormFloat64()*3+3),
			pick("", "", `, "call_id": "7"`, `, "call_id": 7`, `, "call_id": "a"`, `, "call_id": "b"`, `, "tool_use_id": "\u0061", "call_id": ""`, `, "metadata": {"call_id": "a"}`)))
	}
	return lines
}

func TestSummaryAgreesWithPlainCounting(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		lines := randomLog(r, r.IntN(800))
		p := newPlain()
		for _, line := range lines {
			p.add(line)
		}
		p.compare(t, reportOf(lines...))
		if t.Failed() {
			t.Fatal(strings.Join(lines, "\n"))
		}
	}
}

func FuzzSummary(f *testing.F) {
	f.Add(strings.Join(randomLog(rand.New(rand.NewPCG(3, 4)), 8), "\n"))
	f.Add(`{"event_type":"tool_call_complete","tool_name":"\ud800","duration_ms":-1e308,"timestamp":"0001-01-01T00:00:00","severity":"\u0065rror"}`)
	f.Add(`{"event_type":"a","timestamp":"9999-12-31T23:59:59Z"}` + "\n" + `{"event_type":"\u0061","timestamp":"0001-01-01T00:00:00Z","timestamp":""}`)
	f.Fuzz(func(t *testing.T, log string) {
		if len(log) > 2000 {
			t.Skip("short logs find as much, and more of them can be tried")
		}
		p, lines := newPlain(), []string{}
		for line := range strings.SplitSeq(log, "\n") {
			var s events.Scanner
			if len(line) > stats.MaxName || s.Scan([]byte(line)) != nil {
				continue
			}
			p.add(line)
			lines = append(lines, line)
		}
		r := reportOf(lines...)
		p.compare(t, r)
		text, err := json.Marshal(r)
		if err != nil || !json.Valid(text) {
			t.Errorf("%v in %s", err, text)
		}
	})
}

// Whatever the number and distribution of durations, quantiles are within 1 %.
func TestQuantiles(t *testing.T) {
	if testing.Short() {
		t.Skip("slow")
	}
	r := rand.New(rand.NewPCG(5, 6))
	for name, draw := range map[string]func(i int) float64{
		"equal":       func(int) float64 { return 12.5 },
		"even":        func(int) float64 { return r.Float64() * 200 },
		"exponential": func(int) float64 { return r.ExpFloat64() * 1e4 },
		"heavy":       func(int) float64 { return math.Exp(r.NormFloat64() * 4) },
		"bimodal":     func(int) float64 { return 1 + 1e6*float64(r.IntN(2)) },
		"two slow":    func(i int) float64 { return 10 + 990*float64(i%31/29) }, // 2 of 31
		"tiny":        func(int) float64 { return r.Float64() / 1e6 },
		"huge":        func(int) float64 { return r.Float64() * 1e300 },
		"any":         func(int) float64 { return math.Pow(10, r.Float64()*600-300) },
		"mostly zero": func(i int) float64 { return float64(i % 20 / 19) },
		"negative":    func(int) float64 { return r.NormFloat64() * 1e3 },
	} {
		for _, n := range []int{1, 2, 3, 19, 20, 21, 31, 99, 100, 101, 380, 10_000} {
			var lines []string
			var all []float64
			for i := range n {
				ms := draw(i)
				all = append(all, ms)
				lines = append(lines, fmt.Sprintf(`{"event_type": "tool_call_complete", "tool_name": "x", "duration_ms": %g}`, ms))
			}
			compareDurations(t, name, reportOf(lines...).Tools[0].Durations, all)
			compareDurations(t, name, groupsOf(t, "tool_name", lines...).Report().Groups[0].Durations, all)
		}
	}
}

// Quantiles of equal durations are exact.
func TestQuantileOfEqualDurations(t *testing.T) {
	var lines []string
	for i := range 31 {
		lines = append(lines, fmt.Sprintf(`{"event_type": "tool_call_complete", "duration_ms": %d}`, 10+990*(i/29)))
	}
	if d := reportOf(lines...).Tools[0].Durations; d.P50 != 10 || d.P95 != 1000 || d.P99 != 1000 {
		t.Errorf("%+v, want 10, 1000 and 1000", *d)
	}
}

// However many durations there are in however many groups, memory is bounded; quantiles
// become less precise.
func TestQuantilesAreBounded(t *testing.T) {
	const most, groups, each = 4096, 20, 1000
	stats.LimitBuckets(t, most)
	var lines []string
	for i := range groups * each {
		lines = append(lines, fmt.Sprintf(`{"event_type": "x", "tool_name": %d, "duration_ms": %g}`, i%groups, math.Pow(1000, float64(i/groups)/each)))
	}
	g := groupsOf(t, "tool_name", lines...)
	if kept := stats.Buckets(g); kept > most || kept < most/4 {
		t.Errorf("%d buckets are kept of at most %d", kept, most)
	}
	want := math.Sqrt(1000)
	for _, group := range g.Report().Groups {
		if d := group.Durations; d.Count != each || d.P50 < want/1.01 || d.P50 > want*1.07 {
			t.Fatalf("%d durations, p50 %g, want %d and about %g", d.Count, d.P50, each, want)
		}
	}
}

// The order of lists does not depend on the order of the log.
func TestOrder(t *testing.T) {
	var lines []string
	for i, name := range []string{"d", "b", "c", "a"} {
		for range 1 + i/2 {
			lines = append(lines, fmt.Sprintf(`{"event_type": "%s", "agent_id": "%[1]s", "severity": "error", "tool_name": "%[1]s"}`, name))
		}
	}
	want := "a c b d"
	r := reportOf(lines...)
	var types, agents, tools, failures []string
	for i := range r.Types {
		types, agents = append(types, r.Types[i].Name.String()), append(agents, r.Agents[i].Name.String())
		tools, failures = append(tools, r.Tools[i].Name.String()), append(failures, r.Failures[i].Type.String())
	}
	for _, have := range [][]string{types, agents, tools, failures} {
		if strings.Join(have, " ") != want {
			t.Errorf("%v, want %s", have, want)
		}
	}
	if names := slices.Sorted(maps.Keys(counted(r.Types))); len(names) != 4 {
		t.Errorf("types %v", names)
	}
}
