package dialects_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/pkg/dialect"
	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// A claudeEvent is what the tests look at of an event.
type claudeEvent struct {
	Type      string    `json:"event_type"`
	Timestamp time.Time `json:"timestamp"`
	Agent     string    `json:"agent_id"`
	Turn      string    `json:"turn_id"`
	Session   string    `json:"session_id"`
	Severity  string    `json:"severity"`
	Metadata  struct {
		Call       string  `json:"call_id"`
		ParentCall string  `json:"parent_call_id"`
		Input      int     `json:"input_tokens"`
		Output     int     `json:"output_tokens"`
		CacheRead  int     `json:"cache_read_tokens"`
		CacheWrite int     `json:"cache_write_tokens"`
		DecidedBy  string  `json:"decided_by"`
		Copied     bool    `json:"copied"`
		DurationMS float64 `json:"duration_ms"`
	} `json:"metadata"`
	Prompt     string  `json:"prompt_preview"`
	Answer     string  `json:"content_preview"`
	Calls      int     `json:"function_calls_count"`
	Tool       string  `json:"tool_name"`
	Arguments  string  `json:"arguments_preview"`
	Status     string  `json:"status"`
	DurationMS float64 `json:"duration_ms"`
	Result     string  `json:"result_preview"`
	ErrorType  string  `json:"error_type"`
	Error      string  `json:"error_message"`
	Action     string  `json:"action"`
	ToAgent    string  `json:"to_agent"`
}

// claudeEvents decodes logs of one run.
func claudeEvents(t testing.TB, logs ...[]byte) (all []claudeEvent) {
	t.Helper()
	begin := dialects.Named("claude-code").Begin()
	for _, log := range logs {
		decoded, refused := decode(t, begin(), log)
		if refused > 0 {
			t.Fatalf("%d records are refused", refused)
		}
		for line := range bytes.Lines(decoded) {
			var e claudeEvent
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			all = append(all, e)
		}
	}
	return all
}

// What is decoded of sessions is what happened in them, whatever the order of their logs.
func TestClaudeCodeKnownTruth(t *testing.T) {
	for seed := range uint64(300) {
		s := newClaudeSession(seed, 500)
		s.write(1 + int(seed%5))
		forked := seed%3 == 0
		if forked {
			s.fork()
		}
		if seed%2 == 1 {
			s.random.Shuffle(len(s.logs), func(i, j int) { s.logs[i], s.logs[j] = s.logs[j], s.logs[i] })
		}
		var logs [][]byte
		for _, log := range s.logs {
			logs = append(logs, log.Bytes())
		}
		if wrong := s.check(claudeEvents(t, logs...), forked); wrong != "" {
			t.Fatalf("session %d: %s", seed, wrong)
		}
	}
}

// check compares events with what happened. It returns a difference.
func (s *claudeSession) check(all []claudeEvent, forked bool) (wrong string) {
	attempts, ends, starts, turnEnds, agents, tokens := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]string{}, [4]int{}
	once := func(seen map[string]bool, id string) {
		if seen[id] {
			wrong = id + " twice"
		}
		seen[id] = true
	}
	for _, e := range all {
		if e.Metadata.Copied {
			continue
		}
		for i, n := range [4]int{e.Metadata.Input, e.Metadata.Output, e.Metadata.CacheRead, e.Metadata.CacheWrite} {
			tokens[i] += n
		}
		call, turn := s.calls[e.Metadata.Call], s.turns[e.Turn]
		switch e.Type {
		case events.TypeToolCallAttempt:
			once(attempts, e.Metadata.Call)
			want := fmt.Sprintf(`{"command": %q, "n": [1, {}]}`, e.Metadata.Call)
			if call == nil || e.Tool != call.tool || e.Turn != call.turn || e.Agent != call.agent || e.Arguments != want {
				return fmt.Sprintf("attempt %+v, of %+v", e, call)
			}
		case events.TypeToolCallComplete, events.TypeToolCallFailure, events.TypeToolPolicyDecision:
			once(ends, e.Metadata.Call)
			detail, ms := e.Status+e.ErrorType+e.Metadata.DecidedBy, e.DurationMS+e.Metadata.DurationMS
			if call == nil || e.Type != call.end || e.Tool != call.tool || e.Turn != call.turn || e.Agent != call.agent || detail != call.detail ||
				e.Type != events.TypeToolPolicyDecision && (math.Abs(ms-call.ms) > 1e-6 || !strings.Contains(e.Result+e.Error, "the result of "+e.Metadata.Call)) {
				return fmt.Sprintf("end %+v, of %+v", e, call)
			}
		case events.TypeTurnStart:
			once(starts, e.Turn)
			if turn == nil || !e.Timestamp.Equal(turn.start) || e.Prompt != "the prompt" {
				return fmt.Sprintf("start %+v, of %+v", e, turn)
			}
		case events.TypeTurnEnd:
			once(turnEnds, e.Turn)
			if turn == nil || e.Calls != turn.calls || e.Answer != firstRunes(turn.answer, dialect.PreviewLength) || !turn.end.IsZero() && !e.Timestamp.Equal(turn.end) {
				return fmt.Sprintf("end %+v, of %+v", e, turn)
			}
			if !starts[e.Turn] || turn.end.IsZero() && !forked {
				return "not yet begun, or not ended: " + e.Turn
			}
		case events.TypeAgentSwitch:
			if agents[e.ToAgent] != "" {
				return e.ToAgent + " twice"
			}
			agents[e.ToAgent] = e.Metadata.Call
		}
	}
	for id, call := range s.calls {
		if !attempts[id] || ends[id] != (call.end != "") {
			return fmt.Sprintf("call %s: %v, %v, of %+v", id, attempts[id], ends[id], call)
		}
	}
	for id, turn := range s.turns {
		if !starts[id] || !turnEnds[id] && !turn.end.IsZero() {
			return fmt.Sprintf("turn %s: %v, %v, of %+v", id, starts[id], turnEnds[id], turn)
		}
	}
	for agent, call := range s.agents {
		if agents[agent] != call {
			return fmt.Sprintf("agent %s is started by %q, not %q", agent, agents[agent], call)
		}
	}
	if tokens != s.tokens {
		return fmt.Sprintf("tokens %v, not %v", tokens, s.tokens)
	}
	return wrong
}

func firstRunes(s string, n int) string {
	r := []rune(s)
	return string(r[:min(n, len(r))])
}

func BenchmarkClaudeCode(b *testing.B) {
	s := newClaudeSession(1, 20_000)
	s.write(200)
	var lines [][]byte
	for _, log := range s.logs {
		lines = append(lines, slices.Collect(bytes.Lines(log.Bytes()))...)
	}
	size := 0
	for _, line := range lines {
		size += len(line)
	}
	for _, bench := range []struct {
		name   string
		decode bool
	}{{"Scan", false}, {"Decode", true}} {
		b.Run(bench.name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			var scanner events.Scanner
			var decoded []byte
			for b.Loop() {
				decoder := dialects.Named("claude-code").Begin()()
				for n, line := range lines {
					if scanner.Scan(line) != nil {
						b.Fatal("not an object")
					}
					if bench.decode {
						decoded, _ = decoder.Decode(decoded[:0], dialect.Record{Scanner: &scanner, Line: int64(n)})
					}
				}
			}
			b.ReportMetric(float64(len(lines)), "lines/op")
		})
	}
}

// A decoder allocates for what it remembers only.
func TestClaudeCodeAllocations(t *testing.T) {
	s := newClaudeSession(3, 20_000)
	s.write(5)
	decoder := dialects.Named("claude-code").Begin()()
	var scanner events.Scanner
	var decoded []byte
	lines := slices.Collect(bytes.Lines(s.logs[0].Bytes()))
	lines = slices.DeleteFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte("the prompt")) })
	again := func() {
		for n, line := range lines {
			if scanner.Scan(line) != nil {
				t.Fatal("not an object")
			}
			decoded, _ = decoder.Decode(decoded[:0], dialect.Record{Scanner: &scanner, Line: int64(n)})
		}
	}
	again()
	if n := testing.AllocsPerRun(3, again); n > 0 {
		t.Errorf("%v allocations for %d records that were known", n, len(lines))
	}
}

// A decoder forgets the oldest calls.
func TestClaudeCodeForgets(t *testing.T) {
	var log []byte
	for n := range dialect.MaxCalls + 1 {
		log = fmt.Appendf(log, `{"type":"assistant","sessionId":"s","message":{"content":[{"type":"tool_use","id":"%d","name":"T"}]}}`+"\n", n)
	}
	log = fmt.Appendf(log, `{"type":"user","sessionId":"s","message":{"content":[{"type":"tool_result","tool_use_id":"1"},{"type":"tool_result","tool_use_id":"0"}]}}`+"\n")
	decoded, _ := decode(t, dialects.Named("claude-code").Begin()(), log)
	ends := decoded[bytes.Index(decoded, []byte("tool_call_complete")):]
	if !bytes.Contains(ends, []byte(`"tool_name": "T"`)) || !bytes.Contains(ends, []byte(`"tool_name": ""`)) {
		t.Errorf("have %s", ends)
	}
}

// Ids that are long do not let a record with many blocks use up all memory.
func TestClaudeCodeGrowth(t *testing.T) {
	for kind, block := range map[string]string{"assistant": called("c"), "user": returned("c", `"ok"`)} {
		blocks := strings.Repeat(","+block, 2000)
		log := fmt.Sprintf(`{"type":%q,"sessionId":%q,"message":{"content":[%s]}}`+"\n", kind, strings.Repeat("s", 20_000), blocks[1:])
		decoded, refused := decode(t, dialects.Named("claude-code").Begin()(), []byte(log))
		if refused != 1 || len(decoded) > 0 {
			t.Errorf("%s: %d bytes become %d", kind, len(log), len(decoded))
		}
	}
}
