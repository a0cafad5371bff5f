package selection_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// words makes events and conditions of few words, so that they often meet.
type words struct{ *rand.Rand }

func (w words) one(of ...string) string { return of[w.IntN(len(of))] }

func (w words) value() string {
	return w.one(`"a"`, `"b"`, `"ab"`, `"\u0061"`, `""`, `"null"`, `"1"`, `"1.0"`, `1`, `1.0`, `10e-1`, `2`, `null`, `true`, `{"a":1}`, `["a"]`, `"é"`, `"\ud800"`)
}

func (w words) severity() string {
	return w.one(`"info"`, `"WARN"`, `"error"`, `"Error"`, `"debug"`, `"critical"`, `null`, `"odd"`, `3`, `""`)
}

func (w words) timestamp() string {
	return w.one(`"2026-03-09T08:15:00"`, `"2026-03-09T08:15:00.000000001Z"`, `"2026-03-09T08:15:00.000001"`, `"2026-03-09T09:15:00+01:00"`, `1773044100`, `"2026-03-10"`, `"0001-01-01"`, `"9999-12-31T23:59:59.999999999"`, `null`, `"odd"`, `true`)
}

// line returns an event: sometimes with a key twice, or without it.
func (w words) line() string {
	members := []string{`"event_type": ` + w.one(`"a"`, `"b"`, `"tool_call_attempt"`, `"\u0061b"`)}
	for range w.IntN(9) {
		key := w.one("agent_id", "session_id", "turn_id", "call_id", "tool_name", `tool\u005fname`, "severity", "timestamp", "event_type", "other")
		value := w.value()
		switch key {
		case "event_type":
			value = w.one(`"a"`, `"b"`, `"ab"`)
		case "severity":
			value = w.severity()
		case "timestamp":
			value = w.timestamp()
		}
		members = append(members, `"`+key+`": `+value)
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// lines returns lines that have little in common with those of another call.
func (w words) lines() (lines []string) {
	few := make([]string, 1+w.IntN(4))
	for i := range few {
		few[i] = w.line()
	}
	for range 1 + w.IntN(20) {
		lines = append(lines, w.one(few...))
	}
	return lines
}

func (w words) key() string {
	return w.one("event_type", "agent_id", "session_id", "turn_id", "call_id", "tool_name", "severity", "timestamp", "other")
}

// A condition is one that is asked about events, and about a block of them.
type condition struct {
	text string
	eval func(s *events.Scanner) (bool, error)
	in   func(b *index.Block) selection.Bounds
}

func (w words) condition(t testing.TB) (c condition) {
	switch w.IntN(5) {
	case 0:
		key, list := w.key(), w.one("a", "b", "a*", "?", "c", "a,b", `\*`, "1", "*", "null", "[!a]*", "�", "1,c")
		globs, err := selection.ParseGlobs(list)
		if err != nil {
			t.Fatal(err)
		}
		c.text = key + " " + list
		c.eval = func(s *events.Scanner) (bool, error) { return selection.OneOf(key, globs)(s), nil }
		c.in = func(b *index.Block) selection.Bounds { return selection.OneOfIn(b, key, globs) }
	case 1:
		c.text = w.one("debug", "info", "warning", "warning..error", "critical")
		from, to, err := selection.ParseSeverity(c.text)
		if err != nil {
			t.Fatal(err)
		}
		levels := selection.Severities(from, to)
		c.eval, c.in = levels.Eval, levels.In
	case 2:
		at := time.Date(2026, 3, 9, 8, 15, 0, 0, time.UTC).Add(time.Duration(w.IntN(5)-2) * 500)
		p := selection.Period{Since: at, Until: at.Add(time.Duration(w.IntN(3)) * time.Microsecond)}
		switch w.IntN(4) {
		case 0:
			p.Since = time.Time{}
		case 1:
			p.Until = selection.EndOfTime
		}
		c.text, c.eval, c.in = fmt.Sprint(p), p.Eval, p.In
	default:
		c.text = w.key() + w.one("=", "!=", "~=", "!~", "<", "<=", ">", ">=") + w.one("1", "1.0", "10e-1", "2")
		if w.IntN(2) == 0 {
			c.text = w.key() + w.one("=", "!=", "~=", "!~") + w.one("a", "b", "null", "ab", "true", `"\ud800"`)
		}
		p, err := selection.ParseField(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if c.in, err = selection.FieldIn(c.text); err != nil {
			t.Fatal(err)
		}
		c.eval = func(s *events.Scanner) (bool, error) { return p(s), nil }
	}
	if w.IntN(3) == 0 {
		was := c
		c.text = "not " + was.text
		c.eval = func(s *events.Scanner) (bool, error) { ok, err := was.eval(s); return !ok, err }
		c.in = func(b *index.Block) selection.Bounds { return was.in(b).Not(b) }
	}
	return c
}

// Bounds hold, of one condition and of several of which each is only asked if those before
// it hold.
func FuzzBounds(f *testing.F) {
	for seed := range uint64(3000) {
		f.Add(seed)
	}
	var tally index.Tally
	var s events.Scanner
	f.Fuzz(func(t *testing.T, seed uint64) {
		w := words{rand.New(rand.NewPCG(seed, 0))}
		lines := w.lines()
		for _, line := range lines {
			tally.Add([]byte(line + "\n"))
		}
		b := tally.Take(0, 1<<20)
		conditions := make([]condition, 1+w.IntN(3))
		all := selection.Exactly(b.Events)
		for i := range conditions {
			conditions[i] = w.condition(t)
			all = all.And(&b, conditions[i].in)
		}
		n, failed := int64(0), false
		for _, line := range lines {
			if err := s.Scan([]byte(line)); err != nil {
				t.Fatal(err)
			}
			holds := true
			for i := range conditions {
				var err error
				if holds, err = conditions[i].eval(&s); err != nil {
					failed = true
				}
				if !holds {
					break
				}
			}
			if holds {
				n++
			}
		}
		if n < all.Least || n > all.Most || failed && !all.Fails {
			texts := ""
			for _, c := range conditions {
				texts += "\n" + c.text
			}
			t.Errorf("%d hold, failed %v, but the bounds are %+v, of%s\nfor\n%s", n, failed, all, texts, strings.Join(lines, "\n"))
		}
	})
}
