package reconcile_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/reconcile"
)

// A log is a record in short lines, of which eventOf makes events:
//
//	SECONDS attempt|ok|failed|ended|refused|interrupted|deny|allow|other CALL TOOL [KEY=VALUE...]
//
// CALL is SESSION/ID, SESSION or -.
type log struct {
	kind  string
	lines string
}

func (l log) events(t *testing.T) (lines []string) {
	t.Helper()
	for line := range strings.Lines(l.lines) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, eventOf(t, l.kind, line))
		}
	}
	return lines
}

var start = time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)

func eventOf(t *testing.T, kind, line string) string {
	t.Helper()
	words := strings.SplitN(line, " ", 5)
	for len(words) < 5 {
		words = append(words, "")
	}
	e, metadata := map[string]any{}, map[string]any{"source": map[string]any{"dialect": kind}}
	if seconds, err := time.ParseDuration(words[0] + "s"); err == nil {
		e["timestamp"] = start.Add(seconds).Format(time.RFC3339Nano)
	}
	session, id, ok := strings.Cut(words[2], "/")
	if ok {
		metadata["call_id"] = id
	}
	if session != "-" && session != "" {
		e["session_id"] = session
	}
	if words[3] != "" {
		e["tool_name"] = words[3]
	}
	for _, more := range strings.Split(words[4], " ; ") {
		key, value, _ := strings.Cut(more, "=")
		switch {
		case value == "":
		case strings.HasPrefix(key, "metadata."):
			var v any
			if json.Unmarshal([]byte(value), &v) != nil {
				v = value
			}
			metadata[key[len("metadata."):]] = v
		default:
			e[key] = value
		}
	}
	e["metadata"] = metadata
	switch words[1] {
	case "attempt":
		e["event_type"] = "tool_call_attempt"
	case "ok", "ended", "interrupted":
		e["event_type"], e["status"] = "tool_call_complete", strings.Replace(words[1], "ok", "success", 1)
	case "failed":
		e["event_type"], e["error_type"] = "tool_call_failure", "exit_code"
	case "refused":
		e["event_type"], e["error_type"] = "tool_call_failure", "tool_use_error"
	case "deny", "allow":
		e["event_type"], e["action"] = "tool_policy_decision", words[1]
	default:
		e["event_type"] = words[1]
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// compare returns the report of records, the lines of which are added in turn.
func compare(t *testing.T, records ...[]string) *reconcile.Report {
	t.Helper()
	var names []string
	for i := range records {
		names = append(names, string(rune('a'+i)))
	}
	r := reconcile.New(names...)
	var s events.Scanner
	next := make([]int, len(records))
	open := func(i int) bool { return next[i] < len(records[i]) }
	for i := r.Next(open); i >= 0; i = r.Next(open) {
		if err := s.Scan([]byte(records[i][next[i]])); err != nil {
			t.Fatal(err)
		}
		next[i]++
		r.Add(i, reconcile.Place{File: names[i], Line: int64(next[i])}, &s)
	}
	return r.Report()
}

// inShort returns what a report says, a line each, sorted.
func inShort(r *reconcile.Report) []string {
	all := []string{}
	for _, f := range slices.Concat(r.Findings, r.NotRun) {
		id := f.Tool
		if f.CallID != nil {
			id, _, _ = strings.Cut(*f.CallID, "...")
		}
		line := fmt.Sprint(f.What, " ", id)
		if len(f.In) > 0 {
			line += " in " + strings.Join(f.In, ",")
		}
		for _, s := range f.Seen {
			line += fmt.Sprintf(" %s:%d=%s", s.File, s.Line, s.Outcome)
		}
		all = append(all, line)
	}
	for _, s := range r.MissingSessions {
		all = append(all, fmt.Sprintf("session %s in %s: %d", s.ID, s.In, s.Calls))
	}
	for _, s := range r.OtherSessions {
		all = append(all, fmt.Sprintf("other session %s in %s: %d", s.ID, s.In, s.Calls))
	}
	for _, s := range r.Silences {
		all = append(all, fmt.Sprintf("silent %s for %v: %d", s.In, time.Time(*s.To).Sub(time.Time(*s.From)), s.Calls))
	}
	for _, g := range r.Gaps {
		all = append(all, fmt.Sprintf("%s of %s in %s: %v %v", g.Key, g.Name, g.In, g.Gaps, g.Doubles))
	}
	for _, rec := range r.Records {
		for what, n := range map[string]int64{"before": rec.Before, "after": rec.After, "agents": rec.Agents} {
			if n > 0 {
				all = append(all, fmt.Sprintf("%d %s %s", n, what, rec.Name))
			}
		}
	}
	slices.Sort(all)
	return all
}

// lifetime are lines that make a record last.
const lifetime = "0 other s\n1000 other s\n"

func TestReconcile(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789", 100)
	const run = "10 attempt s/1 Bash\n12 ok s/1 Bash\n"
	for _, c := range []struct {
		name string
		logs []log
		want []string
	}{
		{"the same", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run}}, nil},
		{"missing", []log{{"claude-code", lifetime + run}, {"hooks", lifetime}}, []string{"missing 1 in b a:3=ok"}},
		{"missing in a transcript", []log{{"hooks", lifetime + run}, {"claude-code", lifetime}}, []string{"missing 1 in b a:3=ok"}},
		{"nothing at all", []log{{"hooks", run}, {"hooks", ""}}, []string{"session s in b: 1"}},
		{"told twice", []log{{"hooks", lifetime + run + run}, {"claude-code", lifetime + run}}, nil},
		{"a copy", []log{{"claude-code", lifetime + run + "10 attempt t/1 Bash metadata.copied=true\n"}, {"hooks", lifetime + run}}, nil},
		{"no end", []log{{"hooks", lifetime + "10 attempt s/1 Bash\n20 ok s/2 Bash"}, {"claude-code", lifetime + run + "20 ok s/2 Bash"}},
			[]string{"no_end 1 in a a:3=no end b:3=ok"}},
		{"no record has the end", []log{{"hooks", lifetime + "10 attempt s/1 Bash\n20 ok s/2 Bash"}, {"claude-code", lifetime + "10 attempt s/1 Bash\n20 ok s/2 Bash"}}, nil},
		{"records without ends", []log{{"log", lifetime + "10 attempt s/1 Bash\n"}, {"claude-code", lifetime + run}}, nil},
		{"no attempt", []log{{"hooks", lifetime + "12 ok s/1 Bash\n20 attempt s/2 Bash"}, {"claude-code", lifetime + run + "20 attempt s/2 Bash"}},
			[]string{"no_attempt 1 in a a:3=ok b:3=ok"}},
		{"OpenTelemetry tells ends only", []log{{"otlp", lifetime + "12 ok s/1 Bash\n"}, {"claude-code", lifetime + run + "20 attempt s/2 Bash\n"}}, nil},
		{"ended differently", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + "10 attempt s/1 Bash\n12 failed s/1 Bash"}},
			[]string{"ended_differently 1 a:3=ok b:3=failed"}},
		{"ended agrees with both", []log{{"hooks", lifetime + "10 attempt s/1 Bash\n12 ended s/1 Bash"}, {"codex", lifetime + "10 attempt s/1 Bash\n12 failed s/1 Bash"}}, nil},
		{"denied by hand", []log{{"hooks", lifetime + "10 attempt s/1 Bash\n20 ok s/2 Bash"}, {"claude-code", lifetime + "10 attempt s/1 Bash\n12 deny s/1 Bash\n20 ok s/2 Bash"}}, nil},
		{"denied but ran", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + "10 attempt s/1 Bash\n12 deny s/1 Bash"}},
			[]string{"denied_but_ran 1 a:3=ok b:3=denied"}},
		{"allowed in the end", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + "10 attempt s/1 Bash\n11 deny s/1 Bash\n11 allow s/1 Bash\n12 ok s/1 Bash"}}, nil},
		{"denied is not missing", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run + "20 attempt s/2 Bash\n21 deny s/2 Bash"}},
			[]string{"not_run 2 b:5=denied"}},
		{"interrupted", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run + "20 attempt s/2 Bash\n21 deny s/2 Bash policy_source=interrupted"}},
			[]string{"not_run 2 b:5=interrupted"}},
		{"hooks do not see what is not valid", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run + "20 attempt s/2 Bash\n21 refused s/2 Bash"}}, nil},
		{"hooks do not see the provider's tools", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run + "20 attempt s/srvtoolu_2 web_search\n21 ok s/srvtoolu_2 web_search"}}, nil},
		{"before and after", []log{{"hooks", "11 other s\n12 ok s/1 Bash\n13 attempt s/2 Bash"}, {"claude-code", lifetime + "1 attempt s/0 Bash\n2 ok s/0 Bash\n" + run + "13 attempt s/2 Bash\n30 attempt s/3 Bash\n"}},
			[]string{"1 after a", "1 before a"}},
		{"another session's transcript", []log{{"hooks", lifetime + run + "20 attempt t/2 Bash"}, {"claude-code", lifetime + run}}, []string{"other session t in b: 1"}},
		{"a session of a transcript begins late", []log{{"hooks", lifetime + run + "1 attempt t/2 Bash"}, {"claude-code", lifetime + run + "5 other t\n"}}, []string{"1 before b"}},
		{"a session that hooks lack", []log{{"hooks", lifetime + run}, {"claude-code", lifetime + run + "20 attempt t/2 Bash\n21 ok t/2 Bash\n22 attempt t/3 Bash"}}, []string{"session t in a: 2"}},
		{"a subagent's transcript", []log{{"hooks", lifetime + run + "20 attempt s/2 Bash agent_id=x\n30 attempt s/3 Bash agent_id=y"}, {"claude-code", lifetime + run + "5 other s - agent_id=y\n"}},
			[]string{"1 agents b", "missing 3 in b a:6=no end"}},
		{"a fork", []log{{"hooks", lifetime + run}, {"claude-code", "0 other t\n10 attempt t/1 Bash\n12 ok t/1 Bash"}}, nil},
		{"an id that several calls have", []log{{"hooks", lifetime + "10 attempt s/1 Bash\n80 attempt u/1 Bash"}, {"log", lifetime + "10 attempt s/1 Bash\n20 attempt t/1 Bash"}},
			[]string{"session t in a: 1", "session u in b: 1"}},
		{"by command", []log{{"hooks", lifetime + `10 attempt s Bash arguments_preview={"command": "ls -la /srv", "description": "List"}`},
			{"codex", "0 other s\n" + `10.2 attempt s/c exec_command arguments_preview={"cmd":"ls -la /srv"}` + "\n99 other s"}}, nil},
		{"by command, of a shell", []log{{"log", lifetime + `10 attempt s shell arguments_preview=["bash","-lc","ls -la /srv"]`},
			{"codex", "0 other s\n" + `10.2 attempt s/c exec_command arguments_preview={"cmd":"ls -la /srv"}` + "\n99 other s"}}, nil},
		{"other commands", []log{{"log", lifetime + `10 attempt s Bash arguments_preview={"command": "ls"}`},
			{"codex", "0 other s\n" + `10.2 attempt s/c Bash arguments_preview={"cmd":"rm"}` + "\n99 other s"}}, []string{"missing Bash in b a:3=no end", "missing c in a b:2=no end"}},
		{"long ago", []log{{"log", lifetime + `10 attempt s Bash arguments_preview={"command": "ls"}`},
			{"codex", "0 other s\n" + `70 attempt s/c Bash arguments_preview={"cmd":"ls"}` + "\n99 other s"}}, []string{"missing Bash in b a:3=no end", "missing c in a b:2=no end"}},
		{"the nearest", []log{{"log", lifetime + "10 attempt s t arguments_preview=x\n11 attempt s t arguments_preview=x\n12 attempt s t arguments_preview=x"},
			{"log", lifetime + "11.1 attempt s t arguments_preview=x\n12.1 attempt s t arguments_preview=x"}}, []string{"missing t in b a:3=no end"}},
		{"cut", []log{{"log", lifetime + `10 attempt s t arguments_preview={"content": "` + strings.Repeat("0123456789", 18)},
			{"log", lifetime + `10.1 attempt s t arguments_preview={"content":"` + strings.Repeat("0123456789", 30) + `"}`}}, nil},
		{"by tool and time, without arguments", []log{{"otlp", lifetime + "12.2 ok s t\n40 ok s t"}, {"claude-code", lifetime + "10 attempt s/1 t arguments_preview=x\n12 ok s/1 t\n"}},
			[]string{"missing t in b a:4=ok"}},
		{"clocks differ", []log{{"hooks", lifetime + run + "20 attempt s/2 Bash\n30 attempt s Edit arguments_preview=x"},
			{"log", "3600 other s\n4600 other s\n3610 attempt s/1 Bash\n3612 ok s/1 Bash\n3620 attempt s/2 Bash\n3630.5 attempt s Edit arguments_preview=x\n3640 attempt s/3 Edit"}},
			[]string{"missing 3 in a b:7=no end"}},
		{"clocks differ, by ends", []log{{"claude-code", lifetime + run + "30 attempt s/3 t\n32 ok s/3 t"}, {"otlp", "3600 other s\n4600 other s\n3612 ok s/1 Bash\n3632 ok s t"}}, nil},
		{"ends without ids in another order", []log{{"log", lifetime + "10 attempt s t arguments_preview=x\n11 attempt s t arguments_preview=y\n12 failed s t\n13 ok s t"},
			{"hooks", lifetime + "10 attempt s/1 t arguments_preview=x\n11 attempt s/2 t arguments_preview=y\n12 failed s/2 t\n13 ok s/1 t"}}, nil},
		{"OpenTelemetry does not tell of the provider's tools", []log{{"otlp", lifetime + "12 ok s/1 Bash"}, {"claude-code", lifetime + run + "20 attempt s/srvtoolu_2 web_search\n21 ok s/srvtoolu_2 web_search"}}, nil},
		{"how it ended is told later", []log{{"hooks", lifetime + run}, {"codex", lifetime + "10 attempt s/1 Bash\n12 ended s/1 Bash\n12 failed s/1 Bash"}},
			[]string{"ended_differently 1 a:3=ok b:3=failed"}},
		{"cut too early to say", []log{{"log", lifetime + `10 attempt s t arguments_preview={"content": "012`}, {"log", lifetime + `10.1 attempt s t arguments_preview={"content":"0123456789"}`}},
			[]string{"missing t in a b:3=no end", "missing t in b a:3=no end"}},
		{"MCP", []log{{"claude-code", lifetime + run + `20 attempt s/2 mcp__db__query arguments_preview={"sql": "x"}` + "\n21 ok s/2 mcp__db__query\n" +
			"30 attempt s/3 mcp__db__drop\n31 ok s/3 mcp__db__drop\n40 attempt s/4 mcp__web__get\n41 ok s/4 mcp__web__get"},
			{"mcp", "1 mcp.tools_offered r - metadata.tools=[\"query\",\"drop\"]\n" + `20.1 attempt r/r:1 query arguments_preview={"sql":"x"}` + "\n20.9 ok r/r:1 query\n900 other r"}},
			[]string{"missing 3 in b a:7=ok"}},
		{"a session of MCP that hooks have under another name", []log{{"hooks", lifetime + "10 attempt s/1 mcp__db__get arguments_preview=x\n11 ok s/1 mcp__db__get"},
			{"mcp", "10 attempt r/r:1 get arguments_preview=x\n11 ok r/r:1 get\n20 attempt r/r:2 get arguments_preview=x\n21 ok r/r:2 get"}}, []string{"missing r:2 in a b:3=ok"}},
		{"long ids", []log{{"hooks", lifetime + "10 attempt s/" + long + "1 t\n20 attempt s/" + long + "2 t\n"}, {"log", lifetime + "10 attempt s/" + long + "1 t\n"}},
			[]string{"missing " + long[:980] + " in b a:4=no end"}},
		{"two servers of MCP with the same tool", []log{{"claude-code", lifetime + "20 attempt s/2 mcp__db__get\n21 ok s/2 mcp__db__get\n30 attempt s/3 mcp__web__get\n31 ok s/3 mcp__web__get\n40 attempt s/4 mcp__db__get\n41 ok s/4 mcp__db__get"},
			{"mcp", lifetime + "20 attempt s/2 get\n21 ok s/2 get"}}, []string{"missing 4 in b a:7=ok"}},
		{"gaps", []log{{"otlp", "1 other s - metadata.event.sequence=1\n2 other s - metadata.event.sequence=3\n3 other t - metadata.event.sequence=9\n3 other t - metadata.event.sequence=9 ; metadata.copied=true"},
			{"log", `1 other s - metadata.seq=1 ; metadata.seq_epoch="0123456789abcdef"` + "\n" + `1 other s - metadata.seq=1 ; metadata.seq_epoch="0123456789abcdef"`}},
			[]string{"event.sequence of s in a: [2] []", "event.sequence of t in a: [] [9]", "seq of 0123456789abcdef in b: [] [1]"}},
		{"one record of hooks and MCP", []log{{"claude-code", lifetime + `20 attempt s/2 mcp__db__query arguments_preview={"sql": "x"}` + "\n21 ok s/2 mcp__db__query"},
			{"log", lifetime + `20 attempt s/2 mcp__db__query metadata.source={"dialect":"hooks"}` + "\n" +
				`20.1 attempt r/r:1 query metadata.source={"dialect":"mcp"} ; arguments_preview={"sql":"x"}` + "\n" + `20.9 ok r/r:1 query metadata.source={"dialect":"mcp"}`}}, nil},
		{"silence", []log{{"hooks", lifetime + "100 other s\n500 other s\n" + run}, {"claude-code", lifetime + run + `
			200 attempt s/2 Read
			220 attempt s/3 Read
			230 attempt s/4 Read
			240 attempt s/5 Read
			250 attempt s/6 Read`}},
			[]string{"missing 2 in a b:5=no end", "missing 3 in a b:6=no end", "missing 4 in a b:7=no end", "missing 5 in a b:8=no end", "missing 6 in a b:9=no end", "silent a for 6m40s: 5"}},
		{"not silent for long", []log{{"hooks", "0 other s\n200 other s\n250 other s"}, {"claude-code", lifetime + `
			201 attempt s/1 Read
			202 attempt s/2 Read
			203 attempt s/3 Read
			204 attempt s/4 Read
			205 attempt s/5 Read`}},
			[]string{"missing 1 in a b:3=no end", "missing 2 in a b:4=no end", "missing 3 in a b:5=no end", "missing 4 in a b:6=no end", "missing 5 in a b:7=no end"}},
		{"three", []log{{"hooks", lifetime + run}, {"otlp", lifetime + "12 ok s/1 Bash\n20 ok s/2 Read"}, {"claude-code", lifetime + run + "19 attempt s/2 Read\n20 ok s/2 Read"}},
			[]string{"missing 2 in a b:4=ok c:5=ok"}},
		{"without times", []log{{"hooks", "- attempt s t arguments_preview=x\n- ok s t\n- attempt s t arguments_preview=x\n- ok s t"}, {"gemini", lifetime + "10 attempt s/1 t arguments_preview=x\n11 ok s/1 t"}},
			[]string{"missing t in b a:3=ok"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var records [][]string
			for _, l := range c.logs {
				records = append(records, l.events(t))
			}
			if got := inShort(compare(t, records...)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
