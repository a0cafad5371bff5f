package index_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// odd are lines of which the values are not what they seem.
var odd = []string{
	`{"event_type":"a","event_type":"b"}`,
	`{"event\u005ftype":"a\u0062","agent_id":"\ud83d\ude00"}`,
	`{"event_type":"","agent_id":"","session_id":"","turn_id":""}`,
	`{"event_type":"a","agent_id":null,"session_id":null,"severity":null,"timestamp":null}`,
	`{"event_type":"a","agent_id":1.50,"session_id":2e3,"tool_name":true,"call_id":[1, 2],"turn_id":{"a": 1}}`,
	`{"event_type":"a","severity":"WARN"}`, `{"event_type":"a","severity":"loud"}`, `{"event_type":"a","severity":3}`,
	`{"event_type":"a","timestamp":"0001-01-01T00:00:00Z"}`, `{"event_type":"a","timestamp":"9999-12-31T23:59:59.999999999Z"}`,
	`{"event_type":"a","timestamp":"yesterday"}`, `{"event_type":"a","timestamp":1741507200}`, `{"event_type":"a","timestamp":[]}`,
	`{"event_type":"a","timestamp":"2026-03-09T08:00:00+14:00","timestamp":"2026-03-09T08:00:00-14:00"}`,
	`{"event_type":"a","session_id":"s","session_id":"t"}`, `{"event_type":"a","metadata":{"session_id":"inner"}}`,
	"\ufeff" + `{"event_type":"a"}`, `{"event_type":1}`, `{}`, ``, ` `, `[`, "\xff", `{"event_type":"a"}x`, "{\"event_type\":\"cr\"}\r",
}

// What a block says is what selecting its events one by one finds.
func TestTally(t *testing.T) {
	for _, line := range odd {
		compare(t, []byte(line+"\n"))
	}
	compare(t, []byte(strings.Join(odd, "\n")+"\n"))
	for _, name := range []string{"events.jsonl", "session.jsonl", "hooks.jsonl", "jsontestsuite.jsonl"} {
		text, err := os.ReadFile("../../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, append(bytes.TrimSuffix(text, []byte{'\n'}), '\n'))
	}
}

func FuzzTally(f *testing.F) {
	for _, line := range odd {
		f.Add([]byte(line))
	}
	f.Add([]byte(strings.Join(odd, "\n")))
	f.Fuzz(func(t *testing.T, text []byte) { compare(t, append(text, '\n')) })
}

var (
	listed = []string{"event_type", "severity", "agent_id", "tool_name"}
	hashed = []string{"session_id", "turn_id", "call_id"}
)

// compare compares the block of some lines with its events.
func compare(t *testing.T, text []byte) {
	t.Helper()
	var tally index.Tally
	tally.Add(text)
	b := tally.Take(0, int64(len(text)))

	var s events.Scanner
	counts := map[string]map[string]int64{}
	var lines, events, invalid, unread, unranked, wanted int64
	period := selection.Period{Since: b.First, Until: b.Last.Add(time.Nanosecond)}
	always := selection.Period{Until: selection.EndOfTime}
	for line := range bytes.Lines(text) {
		lines++
		err := s.ScanFirst(line)
		if err == nil {
			_, err = s.Event()
		}
		if err != nil {
			if strings.Trim(string(line), " \t\r\n\ufeff") != "" {
				invalid++
			}
			continue
		}
		events++
		for _, key := range append(listed, hashed...) {
			v := s.Lookup(key).NonNull()
			if v == nil {
				continue
			}
			text := string(s.Text(v))
			if !b.May(key, text) {
				t.Errorf("%q has the %s %q, which the block may not have", line, key, text)
			}
			if counts[key] == nil {
				counts[key] = map[string]int64{}
			}
			counts[key][text]++
		}
		in, err := period.Eval(&s)
		inAlways, _ := always.Eval(&s)
		if inAlways != in {
			t.Errorf("%q is not between %v and %v", line, b.First, b.Last)
		}
		if in {
			wanted++
		}
		if errors.Is(err, selection.ErrTimestamp) {
			unread++
		}
		if _, err := selection.Severities("debug", "critical").Eval(&s); err != nil {
			unranked++
		}
	}
	if b.Lines != lines || b.Events != events || b.Invalid != invalid || b.Timed != wanted || b.Untimed != unread {
		t.Errorf("%d lines, %d events, %d invalid, %d and %d timestamps; the block has %+v", lines, events, invalid, wanted, unread, b)
	}
	for _, key := range listed {
		values, ok := b.Values(key)
		if !ok {
			continue
		}
		var bad int64
		for _, v := range values {
			if counts[key][v.Text] != v.Events {
				t.Errorf("%d events have the %s %q; the block has %d", counts[key][v.Text], key, v.Text, v.Events)
			}
			delete(counts[key], v.Text)
			if key == "severity" && selection.Severities("debug", "critical") != (selection.SeverityRange{}) && !isSeverity(v.Text) {
				bad += v.Events
			}
		}
		if len(counts[key]) > 0 {
			t.Errorf("the block lacks %v for %s", counts[key], key)
		}
		if key == "severity" && bad != unranked {
			t.Errorf("%d severities cannot be read; the block has %d", unranked, bad)
		}
	}
}

func isSeverity(text string) bool {
	_, ok := events.ParseSeverity(text)
	return ok
}
