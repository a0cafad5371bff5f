package view_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/cmd/internal/view"
)

// However deep agents are nested, no line is wider than the terminal.
func TestTreeFits(t *testing.T) {
	const log = `{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "task", "call_id": "1"}
{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2"}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2", "duration_ms": 5}
{"event_type": "tool_call_attempt", "session_id": "s", "agent_id": "a", "tool_name": "task", "call_id": "3", "metadata": {"parent_call_id": "1"}}
{"event_type": "tool_call_attempt", "session_id": "s", "agent_id": "b", "tool_name": "task", "call_id": "4", "metadata": {"parent_call_id": "3"}}
{"event_type": "note", "session_id": "s", "agent_id": "完完完完完", "metadata": {"parent_call_id": "4"}}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "task", "call_id": "1", "result_preview": "done"}
`
	const want = `session s
  turn t
  └┬ task      ok              …
   │ └─ agent a
   │    └─ task no end         …
   │       └─ agent b
   │          └─ task no end   …
   │             └─ agent 完完…
   │                └─ note
   └ read_file ok        5.0ms …
`
	v := view.NewTree(view.Options{Width: 32, Zone: time.UTC}, false, 1)
	if have := string(v.Rest(v.Arrange(nil, []byte(log)))); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}

// A call's bar is where its call was in its turn, which here takes ten seconds for as many
// columns.
func TestTreeWaterfall(t *testing.T) {
	for name, test := range map[string]struct {
		from, to float64
		want     string
	}{
		"all":                        {0, 10, "██████████"},
		"from a column":              {2, 5, "  ███"},
		"to a part of a column":      {2, 4.25, "  ██▎"},
		"from the left of a column":  {2.25, 4, "  ██"},
		"from the right of a column": {2.5, 4, "  ▐█"},
		"from nearly the next":       {2.95, 4, "   █"},
		"in the left":                {2.125, 2.25, "  ▏"},
		"in the middle":              {2.25, 2.75, "  ▌"},
		"nearly a column":            {2.125, 3, "  ▉"},
		"in the right":               {2.625, 2.75, "  ▕"},
		"in the right of the middle": {2.5, 2.75, "  ▕"},
		"to the right":               {2.5, 3, "  ▐"},
		"no time":                    {2, 2, "  ▏"},
		"at the end":                 {10, 10, "         ▕"},
		"before the start":           {-7, -5, "▏"},
		"after the end":              {15, 19, "         ▕"},
		"beyond both ends":           {-7, 15, "██████████"},
		"an end before the start":    {5, 2, "     ▏"},
	} {
		var log []byte
		add := func(eventType string, seconds float64) {
			at := time.Date(2026, 3, 9, 8, 0, 30, 0, time.UTC).Add(time.Duration(seconds * float64(time.Second)))
			log = fmt.Appendf(log, `{"event_type": "%s", "timestamp": "%s", "turn_id": "t", "tool_name": "x", "call_id": "1", "result_preview": "done"}`+"\n",
				eventType, at.Format(time.RFC3339Nano))
		}
		add("turn_start", 0)
		add("tool_call_attempt", test.from)
		add("tool_call_complete", test.to)
		add("turn_end", 10)
		v := view.NewTree(view.Options{Width: 80, Zone: time.UTC}, true, 1)
		lines := strings.Split(string(v.Arrange(nil, log)), "\n")
		const before = len("  -- x ok      999.9ms ")
		if have := string([]rune(lines[2])[before : before+10]); strings.TrimRight(have, " ") != test.want {
			t.Errorf("%s: have %q, want %q", name, have, test.want)
		}
	}
}

// Bars are there where they can be, and as wide as the terminal allows.
func TestTreeBars(t *testing.T) {
	const (
		attempt  = `{"event_type": "tool_call_attempt", "turn_id": "t", "tool_name": "x", "timestamp": "2026-03-09T08:00:01Z"}` + "\n"
		complete = `{"event_type": "tool_call_complete", "turn_id": "t", "tool_name": "x", "timestamp": "2026-03-09T08:00:05Z"}` + "\n"
		end      = `{"event_type": "turn_end", "turn_id": "t", "timestamp": "2026-03-09T08:00:09Z"}` + "\n"
		untimed  = `{"event_type": "tool_call_complete", "turn_id": "t", "tool_name": "x", "duration_ms": 5}` + "\n"
	)
	for name, test := range map[string]struct {
		log   string
		width int
		want  string // of the line of the first call
	}{
		"in a pipe":            {attempt + complete + end, 0, "  ├─ x ok        4.00s ██████████           →"},
		"without an end":       {attempt + complete, 0, "  ├─ x ok        4.00s ████████████████████ →"},
		"at 40":                {attempt + complete + end, 40, "  ├─ x ok        4.00s →"},
		"at 60":                {attempt + complete + end, 60, "  ├─ x ok        4.00s ██▌   →"},
		"at 80":                {attempt + complete + end, 80, "  ├─ x ok        4.00s █████      →"},
		"at 120":               {attempt + complete + end, 120, "  ├─ x ok        4.00s ██████████           →"},
		"at 400":               {attempt + complete + end, 400, "  ├─ x ok        4.00s ███████████████                →"},
		"a call without times": {untimed + attempt + complete + end, 80, "  ├─ x ok        5.0ms            →"},
		"no times":             {untimed, 80, "  ├─ x ok        5.0ms →"},
		"no time passed":       {complete, 80, "  ├─ x ok              →"},
	} {
		log := strings.ReplaceAll(test.log, `"tool_call_complete", `, `"tool_call_complete", "result_preview": "done", `)
		log = strings.ReplaceAll(log, "}\n", `, "call_id": "1"}`+"\n") + `{"event_type": "turn_end", "turn_id": "t"}` + "\n"
		v := view.NewTree(view.Options{Width: test.width, Zone: time.UTC}, true, 1)
		line := strings.Split(string(v.Arrange(nil, []byte(log))), "\n")[2]
		if have, _, _ := strings.Cut(line, " done"); have != test.want {
			t.Errorf("%s: have\n%s\nwant\n%s", name, have, test.want)
		}
	}
}

// What an agent did is on the scale of the turn around it, or on its own if it ran at
// another time.
func TestTreeAgentScale(t *testing.T) {
	for name, test := range map[string]struct {
		timed bool // the turn around it is
		after int  // so many seconds
		want  string
	}{
		"within the turn": {true, 0, "  ▐██ "},
		"after it":        {true, 20, "█████"},
		"before it":       {true, -20, "█████"},
		"nobody knows":    {false, 0, "█████"},
	} {
		var log []byte
		add := func(timed bool, eventType string, seconds int, keys string) {
			at := ""
			if timed {
				at = time.Date(2026, 3, 9, 8, 0, 30+seconds, 0, time.UTC).Format(time.RFC3339)
			}
			log = fmt.Appendf(log, `{"event_type": "%s", "timestamp": "%s", "tool_name": "x", %s}`+"\n", eventType, at, keys)
		}
		outer := func(eventType string, seconds int) {
			add(test.timed, eventType, seconds, `"agent_id": "a", "turn_id": "t", "call_id": "1"`)
		}
		below := func(eventType string, seconds int) {
			add(true, eventType, seconds+test.after, `"agent_id": "b", "turn_id": "u", "call_id": "2", "metadata": {"parent_call_id": "1"}`)
		}
		outer("turn_start", 0)
		outer("tool_call_attempt", 1)
		below("turn_start", 2)
		below("tool_call_attempt", 2)
		below("tool_call_complete", 4)
		below("turn_end", 6)
		outer("tool_call_complete", 6)
		outer("turn_end", 8)
		v := view.NewTree(view.Options{Width: 80, Zone: time.UTC}, false, 1)
		shown := string(v.Rest(v.Arrange(nil, log)))
		if !strings.Contains(shown, "├─ x ok        2.00s "+test.want+" ") {
			t.Errorf("%s:\n%s", name, shown)
		}
	}
}

// Several goroutines show what one does.
func TestTreeHelped(t *testing.T) {
	var log []byte
	for i := range 3000 {
		kind := []string{"turn_start", "tool_call_attempt", "tool_call_complete", "note", "turn_end"}[i/7%5]
		log = fmt.Appendf(log, `{"event_type": "%s", "timestamp": "2026-03-09T08:%02d:%02dZ", "session_id": "s%d", "turn_id": "t%d", "tool_name": "x", "message": "%d"}`+"\n",
			kind, i/60, i%60, i%3, i%7+i/35, i)
		if i%100 == 0 {
			log = fmt.Appendf(log, `{"event_type": "note", "session_id": "s%d"}`+"\n", i%5)
		}
	}
	shown := func(jobs int) string {
		v := view.NewTree(view.Options{Zone: time.UTC}, false, jobs)
		var all []byte
		for lines := range slices.Chunk(bytes.SplitAfter(log, []byte("\n")), 700) {
			block := bytes.Join(lines, nil)
			all = v.Arrange(all, block)
			clear(block) // which is used again
		}
		for {
			rest := v.Rest(nil)
			if len(rest) == 0 {
				return string(all)
			}
			all = append(all, rest...)
		}
	}
	want := shown(1)
	if n := strings.Count(want, "\n"); n < 2000 {
		t.Errorf("%d lines", n)
	}
	for jobs := range 4 {
		if shown(jobs+1) != want {
			t.Errorf("%d jobs show something else", jobs+1)
		}
	}
}
