package nonce_test

import (
	"regexp"
	"strings"
	"testing"

	"auditctl/pkg/nonce"
)

const own = "0123456789abcdefABCDEF0123456789"

// full is an event of 120 bytes.
var full = `{"event_type": "x", "a": "` + strings.Repeat("a", 92) + `"}`

var made = regexp.MustCompile(`"[0-9a-f]{32}"`)

// Events get a nonce, unless they have one; nothing else of a line changes.
func TestSource(t *testing.T) {
	for line, want := range map[string]string{
		`{"event_type": "x", "metadata": {}}`:                                   `{"event_type": "x", "metadata": {"nonce": NEW}}`,
		`{"event_type":"x","metadata":{"a":1}}`:                                 `{"event_type":"x","metadata":{"a":1,"nonce":NEW}}`,
		`{"event_type": "x", "metadata": null}`:                                 `{"event_type": "x", "metadata": {"nonce": NEW}}`,
		`{"event_type": "x" }`:                                                  `{"event_type": "x", "metadata": {"nonce": NEW} }`,
		`{"event_type": "x", "nonce": "` + own + `"}`:                           `{"event_type": "x", "nonce": "` + own + `", "metadata": {"nonce": NEW}}`,
		`{"event_type": "x", "metadata": {"a": "\"nonce\""}}`:                   `{"event_type": "x", "metadata": {"a": "\"nonce\"", "nonce": NEW}}`,
		`{"event_type": "x", "metadata": {"nonce": "` + own[1:] + `"}}`:         `{"event_type": "x", "metadata": {"nonce": NEW}}`,
		`{"event_type": "x", "metadata": {"nonce": "` + own[1:] + `g"}}`:        `{"event_type": "x", "metadata": {"nonce": NEW}}`,
		`{"event_type": "x", "metadata": {"nonce": 1, "a": 2}}`:                 `{"event_type": "x", "metadata": {"nonce": NEW, "a": 2}}`,
		`{"event_type": "x", "metadata": {"nonce": "` + own + `", "nonce": 1}}`: `{"event_type": "x", "metadata": {"nonce": "` + own + `", "nonce": NEW}}`,

		`{"event_type": "x", "metadata": {"nonce": "` + own + `"}}`:      `{"event_type": "x", "metadata": {"nonce": "` + own + `"}}`,
		`{"event_type": "x", "metadata": {"\u006eonce": "` + own + `"}}`: `{"event_type": "x", "metadata": {"\u006eonce": "` + own + `"}}`,
		`{"event_type": "x", "metadata": []}`:                            `{"event_type": "x", "metadata": []}`,
		`{"event_type": "x", "metadata": "{}"}`:                          `{"event_type": "x", "metadata": "{}"}`,
		`{"event_type": 1, "metadata": {}}`:                              `{"event_type": 1, "metadata": {}}`,
		full:                                                             full[:len(full)-1] + `, "metadata": {"nonce": NEW}}`,
		`no event`:                                                       `no event`,
		``:                                                               ``,
		`{"event_type": "x", "metadata": {}, "a": "` + own + own + own + `"}`: `{"event_type": "x", "metadata": {}, "a": "` + own + own + own + `"}`,
	} {
		s := nonce.Source{MaxLine: 120}
		once := s.Append([]byte("before "), []byte(line+"\n"+line+"\n"))
		before, after, _ := strings.Cut(string(once), "\n")
		if before = made.ReplaceAllString(before, "NEW"); before != "before "+want {
			t.Errorf("%s became\n%s, want\n%s", line, before, want)
		}
		if after = made.ReplaceAllString(after, "NEW"); after != want+"\n" {
			t.Errorf("%s became\n%s the second time, want\n%s", line, after, want)
		}
		if twice := s.Append(nil, once[len("before "):]); string(twice) != string(once[len("before "):]) {
			t.Errorf("%s became %s by the first pass, and %s by the second", line, once, twice)
		}
	}
}

// No two events have the same nonce, and they cost no memory.
func TestSourceMany(t *testing.T) {
	lines := []byte(strings.Repeat(`{"event_type": "x", "metadata": {}}`+"\n", 2000))
	var s nonce.Source
	dst := s.Append(nil, lines)
	all := map[string]bool{}
	for _, n := range made.FindAll(append(dst, s.Append(nil, lines)...), -1) {
		all[string(n)] = true
	}
	if len(all) != 4000 {
		t.Errorf("4000 events have %d nonces", len(all))
	}
	if n := testing.AllocsPerRun(5, func() { dst = s.Append(dst[:0], lines) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSource(b *testing.B) {
	line := `{"event_type": "tool_call_complete", "timestamp": "2026-03-10T10:11:12.123456+00:00", "agent_id": "planner", "turn_id": "0123456789ab", "session_id": "s1", "severity": "info", "metadata": {"region": "eu"}, "tool_name": "grep", "status": "success", "duration_ms": 38.9, "result_preview": "14 matches"}` + "\n"
	lines := []byte(strings.Repeat(line, 1000))
	b.SetBytes(int64(len(lines)))
	var s nonce.Source
	var dst []byte
	for b.Loop() {
		dst = s.Append(dst[:0], lines)
	}
}
