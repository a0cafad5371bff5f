package turns_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

// event returns an event of session s: words that are its type, shortened, its turn and
// its agent, - for none; then what else it has.
func event(words string, keys ...string) string {
	w := strings.Fields(words)
	types := map[string]string{
		"start": "turn_start", "end": "turn_end", "call": "tool_call_attempt", "done": "tool_call_complete",
		"deny": "tool_policy_decision", "switch": "agent_switch", "note": "note",
	}
	line := fmt.Sprintf(`{"event_type": "%s", "session_id": "s"`, types[w[0]])
	for i, key := range []string{"turn_id", "agent_id"} {
		if w[1+i] != "-" {
			line += fmt.Sprintf(`, "%s": "%s"`, key, w[1+i])
		}
	}
	for _, key := range keys {
		line += ", " + key
	}
	return line + "}"
}

// The keys of an event: the call it is of, that it is below, that began an agent; that it
// was decoded.
func id(call string) string     { return fmt.Sprintf(`"call_id": "%s"`, call) }
func parent(call string) string { return fmt.Sprintf(`"metadata": {"parent_call_id": "%s"}`, call) }
func began(agent, call string) string {
	return fmt.Sprintf(`"to_agent": "%s", "metadata": {"call_id": "%s"}`, agent, call)
}

const decoded = `"metadata": {"source": {"dialect": "x"}}`

// treeOf adds lines to g and returns the turns that it returns, one on each line.
func treeOf(t *testing.T, g *turns.Grouper, lines ...string) string {
	t.Helper()
	var s events.Scanner
	var shown []string
	for _, line := range lines {
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(line, err)
		}
		e, err := s.Event()
		if err != nil {
			t.Fatal(line, err)
		}
		ended, belongs := g.Add(&s)
		if ended != nil {
			shown = append(shown, turnText(ended))
		}
		if !belongs {
			shown = append(shown, e.Type())
		}
		for g.Full() {
			shown = append(shown, turnText(g.TakeOldest()))
		}
	}
	for turn := g.TakeOldest(); turn != nil; turn = g.TakeOldest() {
		shown = append(shown, turnText(turn))
	}
	return strings.Join(shown, "\n")
}

// turnText returns turn/agent and the nodes of a turn: calls by their arguments_preview,
// * if they have an end, ! if they were refused.
func turnText(t *turns.Turn) string {
	if t.Loose {
		return t.Nodes[0].Event.Type()
	}
	text := t.ID.Turn + "/" + t.Agent
	if t.Start.Line() != nil {
		text += " start"
	}
	for _, n := range t.Nodes {
		text += " "
		c := n.Call
		if c == nil {
			text += n.Event.Type()
			continue
		}
		text += textOf(c, "call_id")
		if c.End.Line() != nil {
			text += "*"
		}
		if c.Refused() {
			text += "!"
		}
		for _, s := range c.Switches {
			text += ">" + s.Lookup("to_agent").String()
		}
		for _, below := range c.Below {
			text += "(" + turnText(below) + ")"
		}
	}
	if t.End.Line() != nil {
		text += " end"
	}
	return text
}

// textOf returns a key of the first event of a call.
func textOf(c *turns.Call, key string) string {
	for _, e := range append(slices.Clone(c.Decisions), c.Attempt, c.End) {
		if val := e.Lookup(key); val != nil {
			return val.String()
		}
	}
	return ""
}

func TestAgents(t *testing.T) {
	main := []string{event("start t -"), event("call t -", id("c")), event("switch t -", began("A", "c")), event("done t -", id("c")), event("end t -")}
	const joined = "t/ start c*>A(u/A start d* end) end"
	sub := []string{event("start u A", decoded), event("call u A", id("d"), decoded), event("done u A", id("d"), decoded), event("end u A", decoded)}
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"after the call", slices.Concat(main, sub), joined},
		{"before the call", slices.Concat(sub, main), joined},
		{"meanwhile", slices.Concat(main[:3], sub, main[3:]), joined},
		{"meanwhile, told at the end", slices.Concat(main[:2], sub, main[2:]), joined},
		{"by parent_call_id", []string{event("call t a", id("c")), event("start u b", parent("c")), event("done t a", id("c")), event("end u b", parent("c")), event("end t a")}, "t/a c*(u/b start end) end"},
		{"by parent_call_id, before", []string{event("start u b", parent("c")), event("end u b", parent("c")), event("call t a", id("c")), event("end t a"), event("done t a", id("c"))}, "t/a c*(u/b start end) end"},
		{"of the same turn and agent", []string{event("call t a", id("c")), event("call t a", id("d"), parent("c")), event("done t a", id("c")), event("done t a", id("d")), event("end t a")}, "t/a c*(t/a d*) end"},
		{"of no agent", []string{event("call t -", id("c")), event("call t -", id("d"), parent("c")), event("done t -", id("d")), event("note - -", parent("c")), event("end t -")}, "t/ c(t/ d*)(/ note) end"},
		{"of no turn", []string{event("call - A", decoded, id("d")), event("call t -", id("c")), event("switch t -", began("A", "c")), event("done - A", decoded, id("d")), event("note - A"), event("end t -")}, "t/ c>A(/A d* note) end"},
		{"of no turn, told before", []string{event("call t -", id("c")), event("switch t -", began("A", "c")), event("call - A", id("d")), event("end t -")}, "t/ c>A(/A d) end"},
		{"several turns", slices.Concat(main[:3], sub, []string{event("start v A"), event("end v A")}, main[3:]), "t/ start c*>A(u/A start d* end)(v/A start end) end"},
		{"a turn by itself", []string{event("start t A", decoded), event("end t A", decoded), event("end u -")}, "u/ end\nt/A start end"},
		{"another session's call", []string{event("call t -", id("c")), strings.Replace(event("note u A", parent("c")), `"s"`, `"o"`, 1), event("end t -")}, "t/ c end\nu/A note"},
		{"an unknown call", slices.Concat(sub[:1], []string{event("switch t -", began("A", "z")), event("end t -")}), "t/ agent_switch end\nu/A start"},
		{"no switch", []string{event("switch t -", `"to_agent": "A"`), event("start u A"), event("end u A"), event("end t -")}, "u/A start end\nt/ agent_switch end"},
		{"a switch to itself", []string{event("call t A", id("c")), event("switch t A", began("A", "c")), event("end t A")}, "t/A c>A end"},
		{"a switch before the call", []string{event("switch t -", began("A", "c")), event("call t -", id("c")), event("note u A"), event("end t -")}, "t/ agent_switch c(u/A note) end"},
		{"a switch of no turn", []string{event("call t -", id("c")), event("switch - -", began("A", "c")), event("note u A"), event("end t -")}, "t/ c>A(u/A note) end"},
		{"an agent that is not there", []string{main[0], main[1], main[2], main[4], event("start u -"), event("note - -"), event("end u -")}, "t/ start c>A end\nnote\nu/ start end"},
		{"nested", []string{event("call v B", decoded, id("e")), event("call u A", decoded, id("d")), event("switch u A", began("B", "d")), event("end u A", decoded), main[0], main[1], main[2], main[4]}, "t/ start c>A(u/A d>B(v/B e) end) end"},
		{"nested, nowhere", []string{event("call v B", parent("d")), event("call u A", parent("c"), id("d"))}, "u/A d(v/B )"},
		{"a circle", []string{event("call u A", parent("d"), id("c")), event("call v B", parent("c"), id("d"))}, "u/A c(v/B d)"},
		{"below itself", []string{event("call u A", parent("c"), id("c"))}, "u/A c"},
		{"later turns", []string{main[0], main[1], main[2], event("start u A"), event("done t -", id("c")), main[4], event("note u A"), event("end u A"), event("end w -")}, "t/ start c*>A(u/A start) end\nu/A note end\nw/ end"},
		{"calls without ids", []string{event("call t -"), event("call t A", decoded), event("done t A", decoded), event("end t -")}, "t/  end\nt/A *"},
		{"two agents of a call", []string{
			event("call u B", parent("c"), id("b"), `"timestamp": "2026-05-04T09:00:02Z"`), event("call v A", parent("c"), id("a"), `"timestamp": "2026-05-04T09:00:01Z"`), event("call t -", id("c")),
		}, "t/ c(v/A a)(u/B b)"},
		{"an end before the attempt", []string{event("done t -", id("c")), event("call t -", id("c")), event("done t -", id("c")), event("end t -")}, "t/ c* c* end"},
		{"a denied call", []string{event("call t -", id("c")), event("deny t -", id("c"), `"action": "deny", "tool_name": "x"`), event("end t -"), event("start u -"), event("end u -")}, "t/ c! end\nu/ start end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if have := treeOf(t, &turns.Grouper{}, test.lines...); have != test.want {
				t.Errorf("have\n%s\nwant\n%s", have, test.want)
			}
		})
	}
}

// While events happen, nothing waits for what may never come.
func TestLive(t *testing.T) {
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"an open call":               {[]string{event("call t -", id("c")), event("end t -"), event("done t -", id("c")), event("note - -")}, "t/ c end\nnote\nt/ c*"},
		"an agent that is not there": {[]string{event("call t -", id("c")), event("switch t -", began("A", "c")), event("end t -"), event("note - -")}, "t/ c>A end\nnote"},
		"an agent at work":           {[]string{event("call t -", id("c")), event("switch t -", began("A", "c")), event("note - A"), event("end u A"), event("end t -"), event("note - -")}, "t/ c>A(/A note)(u/A end) end\nnote"},
		"an agent that comes later":  {[]string{event("call t -", id("c")), event("switch t -", began("A", "c")), event("end t -"), event("end u A"), event("note - -")}, "t/ c>A end\nu/A end\nnote"},
		"who knows whose agent":      {[]string{event("note - A", decoded), event("end u A", decoded), event("note - -")}, "note\nu/A end\nnote"},
	} {
		t.Run(name, func(t *testing.T) {
			if have := treeOf(t, &turns.Grouper{Live: true}, test.lines...); have != test.want {
				t.Errorf("have\n%s\nwant\n%s", have, test.want)
			}
		})
	}
}

// What is kept is bounded, whatever agents there are; then turns come by themselves.
func TestAgentLimits(t *testing.T) {
	for name, line := range map[string]func(i int) string{
		"agents":        func(i int) string { return event(fmt.Sprintf("end u a%d", i), decoded) },
		"turns of one":  func(i int) string { return event(fmt.Sprintf("end u%d a", i), decoded) },
		"below no call": func(i int) string { return event(fmt.Sprintf("note u%d -", i), parent(fmt.Sprint(i))) },
		"events of one": func(int) string { return event("note - a", decoded) },
		"loose":         func(int) string { return event("note - -") },
		"waiting":       func(i int) string { return event(fmt.Sprintf("end u%d -", i)) },
		"each below the": func(i int) string {
			return event(fmt.Sprintf("call u%d -", i), id(fmt.Sprint(i)), parent(fmt.Sprint(i-1)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 1000
			g := &turns.Grouper{Limit: 100_000}
			lines := []string{event("call first -", id("open")), event("end first -")}
			for i := range n {
				lines = append(lines, line(i))
			}
			if shown := treeOf(t, g, lines...); !strings.HasPrefix(shown, "first/ open end") {
				t.Errorf("have %.200s", shown)
			}
			if g.Full() {
				t.Error("full of nothing")
			}
		})
	}
}

// What has been kept longest goes first when there is no room, in or below its turn.
func TestOldestAgent(t *testing.T) {
	g := &turns.Grouper{Limit: 20_000}
	lines := []string{event("end u A", decoded), event("start t -")}
	for range 40 {
		lines = append(lines, event("note t -"))
	}
	if have := treeOf(t, g, lines...); !strings.HasPrefix(have, "u/A end\nt/ start note") {
		t.Errorf("have %s", have)
	}
	lines = []string{event("note u A", parent("c")), event("start t -"), event("call t -", id("c"))}
	for range 40 {
		lines = append(lines, event("note t -"))
	}
	if have := treeOf(t, g, lines...); !strings.HasPrefix(have, "t/ start c(u/A note) note") {
		t.Errorf("have %s", have)
	}
}

// Agents are nested up to a depth, and forgotten when there are many.
func TestManyAgents(t *testing.T) {
	var lines []string
	for i := range turns.MaxDepth + 3 {
		lines = append(lines, event(fmt.Sprintf("call - a%d", i), id(fmt.Sprint(i+1)), parent(fmt.Sprint(i))))
	}
	const want = "/a0 1(/a1 2(/a2 3(/a3 4(/a4 5(/a5 6(/a6 7(/a7 8(/a8 9))))))))\n/a9 10(/a10 11)"
	if have := treeOf(t, &turns.Grouper{}, lines...); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}

	const many = 20_000
	lines = nil
	for i := range many {
		lines = append(lines, event("switch - -", began(fmt.Sprint(i), "c")))
	}
	have := treeOf(t, &turns.Grouper{}, append(lines, event("end - 0"), event("call - -", id("c"), parent("d")), event(fmt.Sprintf("note - %d", many-1)))...)
	if want := fmt.Sprintf("turn_end\n/ c(/%d note)", many-1); !strings.HasSuffix(have, want) {
		t.Errorf("have %s, want %s", have[len(have)-50:], want)
	}
}

// Whatever the order of logs, each agent is below its call.
func TestAgentsInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		calls, agents := 0, 0
		var logs [][]string
		var write func(agent string, depth int) string
		write = func(agent string, depth int) (tree string) {
			var log []string
			for turn := range 1 + r.IntN(2) {
				of := fmt.Sprintf("%s%d %s", agent, turn, agent)
				if agent == "-" {
					of = fmt.Sprintf("t%d -", turn)
				}
				name, label, _ := strings.Cut(of, " ")
				text := name + "/" + strings.Trim(label, "-") + " start"
				log = append(log, event("start "+of, decoded))
				for range r.IntN(4) {
					calls++
					call := fmt.Sprint("c", calls)
					text += " " + call + "*"
					log = append(log, event("call "+of, id(call), decoded))
					if depth < 4 && r.IntN(3) == 0 {
						agents++
						sub := fmt.Sprint("a", agents)
						log = append(log, event("switch "+of, began(sub, call)))
						text += ">" + sub + write(sub, depth+1)
					}
					log = append(log, event("done "+of, id(call), decoded))
				}
				log = append(log, event("end "+of, decoded))
				text += " end"
				if agent == "-" {
					tree += text + "\n"
				} else {
					tree += "(" + text + ")"
				}
			}
			logs = append(logs, log)
			return tree
		}
		want := strings.TrimSuffix(write("-", 0), "\n")
		r.Shuffle(len(logs), func(i, j int) { logs[i], logs[j] = logs[j], logs[i] })
		if have := treeOf(t, &turns.Grouper{}, slices.Concat(logs...)...); have != want {
			t.Fatalf("have\n%s\nwant\n%s\nof\n%s", have, want, strings.Join(slices.Concat(logs...), "\n"))
		}
	}
}

// Whatever the events, each is returned once.
func TestNothingIsLost(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	var numbers func(turn *turns.Turn) []string
	numbers = func(turn *turns.Turn) (all []string) {
		add := func(these ...events.Event) {
			for _, e := range these {
				if e.Line() != nil {
					all = append(all, e.Lookup("n").String())
				}
			}
		}
		add(turn.Start, turn.End)
		for _, n := range turn.Nodes {
			add(n.Event)
			if c := n.Call; c != nil {
				add(append(slices.Clone(c.Repeats), c.Attempt, c.End)...)
				add(c.Decisions...)
				add(c.Switches...)
				for _, below := range c.Below {
					all = append(all, numbers(below)...)
				}
			}
		}
		turn.Parallel()
		return all
	}
	for range 500 {
		g := &turns.Grouper{Limit: 1 << (12 + r.IntN(8)), Live: r.IntN(2) == 0}
		var s events.Scanner
		var have, want, log []string
		take := func() bool {
			turn := g.TakeOldest()
			if turn != nil {
				have = append(have, numbers(turn)...)
			}
			return turn != nil
		}
		for n := range r.IntN(60) {
			metadata := pick("{}", decoded[len(`"metadata": `):], `{"parent_call_id": "`+pick("1", "2", "3")+`"}`)
			line := event(pick("start", "end", "call", "call", "done", "deny", "switch", "note")+" "+pick("t", "u", "-")+" "+pick("a", "b", "c", "-"),
				id(pick("1", "2", "3", "")), fmt.Sprintf(`"to_agent": "%s", "action": "%s", "tool_name": "x", "n": %d, "metadata": %s`, pick("a", "b", "c"), pick("deny", "allow"), n, metadata))
			log = append(log, line)
			want = append(want, fmt.Sprint(n))
			if err := s.Scan([]byte(line)); err != nil {
				t.Fatal(err)
			}
			ended, belongs := g.Add(&s)
			if ended != nil {
				have = append(have, numbers(ended)...)
			}
			if !belongs {
				have = append(have, fmt.Sprint(n))
			}
			for g.Full() {
				take()
			}
		}
		for take() {
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) || g.Full() {
			t.Fatalf("have %v\nwant %v\nof\n%s", have, want, strings.Join(log, "\n"))
		}
	}
}

func TestParallel(t *testing.T) {
	at := func(line, seconds string) string {
		return strings.TrimSuffix(line, "}") + fmt.Sprintf(`, "timestamp": "2026-05-04T09:00:%sZ"}`, seconds)
	}
	call := func(name string) string { return event("call t -", id(name)) }
	done := func(name string, keys ...string) string { return event("done t -", append(keys, id(name))...) }
	note := event("note t -")
	for name, test := range map[string]struct {
		lines []string
		want  string
	}{
		"by order":                   {[]string{call("a"), call("b"), done("b"), done("a"), call("c"), done("c")}, "[[0 1]]"},
		"one after the other":        {[]string{call("a"), done("a"), call("b"), done("b")}, "[]"},
		"two rows":                   {[]string{call("a"), call("b"), done("b"), done("a"), note, call("c"), call("d"), done("c"), done("d")}, "[[0 1] [3 4]]"},
		"a chain":                    {[]string{call("a"), call("b"), done("a"), call("c"), done("b"), done("c")}, "[[0 2]]"},
		"during a long one":          {[]string{call("a"), call("b"), done("b"), call("c"), done("c"), done("a"), call("d"), done("d")}, "[[0 2]]"},
		"with events between":        {[]string{call("a"), note, call("b"), done("b"), note, done("a")}, "[[0 2]]"},
		"without an end":             {[]string{call("a"), call("b"), done("b")}, "[]"},
		"denied meanwhile":           {[]string{call("a"), call("b"), event("deny t -", id("a"), `"action": "deny", "tool_name": "x"`), done("b")}, "[[0 1]]"},
		"without ids":                {[]string{event("call t -"), event("call t -"), event("done t -"), event("done t -")}, "[]"},
		"by time":                    {[]string{at(call("a"), "00"), at(call("b"), "03"), at(done("a"), "02"), at(done("b"), "04")}, "[]"},
		"by time, by its duration":   {[]string{at(done("a"), "02"), at(done("b", `"duration_ms": 1500`), "03"), at(done("c", `"duration_ms": 1000`), "04")}, "[[0 1]]"},
		"at the same time":           {[]string{at(call("a"), "00"), at(call("b"), "00"), at(done("a"), "00"), at(done("b"), "00")}, "[[0 1]]"},
		"at the same time in turn":   {[]string{at(call("a"), "00"), at(done("a"), "00"), at(call("b"), "00"), at(done("b"), "00")}, "[]"},
		"an impossible duration":     {[]string{at(done("a", `"duration_ms": 1e300`), "02"), at(done("b", `"duration_ms": -1e300`), "03")}, "[]"},
		"a chain, the first longest": {[]string{at(call("a"), "00"), at(call("b"), "01"), at(done("b"), "02"), at(call("c"), "03"), at(done("c"), "04"), at(done("a"), "05")}, "[[0 2]]"},
	} {
		t.Run(name, func(t *testing.T) {
			var g turns.Grouper
			var s events.Scanner
			for _, line := range test.lines {
				if err := s.Scan([]byte(line)); err != nil {
					t.Fatal(line, err)
				}
				g.Add(&s)
			}
			if have := fmt.Sprint(g.TakeOldest().Parallel()); have != test.want {
				t.Errorf("have %s, want %s", have, test.want)
			}
		})
	}
}
