package dialects_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// brief says what an event is.
func (e *claudeEvent) brief() string {
	var b strings.Builder
	b.WriteString(e.Type)
	for _, word := range []string{e.Turn, e.Agent, e.Metadata.Call, e.Tool, e.Prompt, e.Arguments, e.Status, e.Result, e.ErrorType, e.Error, e.Action, e.Metadata.DecidedBy, e.ToAgent, e.Answer} {
		if word != "" {
			b.WriteString(" " + word)
		}
	}
	if ms := e.DurationMS + e.Metadata.DurationMS; ms != 0 {
		fmt.Fprintf(&b, " %vms", ms)
	}
	if e.Type == events.TypeTurnEnd {
		fmt.Fprintf(&b, " %d", e.Calls)
	}
	if m := e.Metadata; m.Input+m.Output+m.CacheRead+m.CacheWrite > 0 {
		fmt.Fprintf(&b, " %d/%d/%d/%d", m.Input, m.Output, m.CacheRead, m.CacheWrite)
	}
	if e.Metadata.ParentCall != "" {
		b.WriteString(" for " + e.Metadata.ParentCall)
	}
	if e.Metadata.Copied {
		b.WriteString(" copied")
	}
	if e.Severity == "warning" {
		b.WriteString(" !")
	}
	return b.String()
}

// claudeLine returns a record of a short form: its uuid, the time in seconds, the session
// and members, or - and all of it.
func claudeLine(short string) string {
	if record, ok := strings.CutPrefix(short, "- "); ok {
		return record
	}
	words := strings.SplitN(short, " ", 4)
	return fmt.Sprintf(`{"parentUuid":null,"isSidechain":false,"uuid":%q,"timestamp":"2026-05-04T09:00:%sZ","sessionId":%q,%s}`,
		words[0], words[1], words[2], words[3])
}

const (
	asks = `"type":"user","message":{"content":"go"}`
	ends = `"type":"system","subtype":"turn_duration"`
)

func calls(id string) string {
	return `"type":"assistant","message":{"content":[` + called(id) + `]}`
}

func called(id string) string { return `{"type":"tool_use","id":"` + id + `","name":"T","input":0}` }

func returns(id, more string) string {
	return `"type":"user","message":{"content":[` + returned(id, `"ok"`) + `]}` + more
}

func returned(id, more string) string {
	return `{"type":"tool_result","tool_use_id":"` + id + `","content":` + more + `}`
}

// What is odd in transcripts. Logs are divided by an empty line.
func TestClaudeCodeCases(t *testing.T) {
	const fails = `,"is_error":true`
	for name, tc := range map[string]struct{ lines, want []string }{
		"a result before its call": {
			[]string{"1 01 s " + returns("c", ""), "2 02 s " + calls("c")},
			[]string{"tool_call_complete c success ok", "tool_call_attempt c T 0"}},
		"a second result": {
			[]string{"1 01 s " + calls("c"), "2 02 s " + returns("c", ""), "3 03 s " + returns("c", "")},
			[]string{"tool_call_attempt c T 0", "tool_call_complete c T success ok 1000ms", "tool_call_complete c T success ok 2000ms copied"}},
		"a call under another uuid": {
			[]string{"1 01 s " + asks, "2 01 s " + calls("c"), "3 02 s " + calls("c"), "4 03 s " + ends},
			[]string{"turn_start 1 go", "tool_call_attempt 1 c T 0", "tool_call_attempt 1 c T 0 copied", "turn_end 1 1"}},
		"ids of two sessions": {
			[]string{"1 01 s " + calls("c"), "2 05 r " + calls("c"), "3 06 r " + returns("c", ""), "4 07 s " + returns("c", "")},
			[]string{"tool_call_attempt c T 0", "tool_call_attempt c T 0", "tool_call_complete c T success ok 1000ms", "tool_call_complete c T success ok 6000ms"}},
		"a result after the next prompt": {
			[]string{"1 01 s " + asks, "2 02 s " + calls("c"), "3 05 s " + asks, "4 06 s " + returns("c", "")},
			[]string{"turn_start 1 go", "tool_call_attempt 1 c T 0", "turn_end 1 1", "turn_start 3 go", "tool_call_complete 1 c T success ok 4000ms"}},
		"results of a record have the times of none": {
			[]string{"1 01 s " + calls("a"), "2 02 s " + calls("b"),
				`3 04 s "type":"user","message":{"content":[` + returned("b", `"ok"`) + "," + returned("a", `"no"`+fails) + `]},"toolUseResult":{"durationMs":7}`},
			[]string{"tool_call_attempt a T 0", "tool_call_attempt b T 0", "tool_call_complete b T success ok 2000ms", "tool_call_failure a T tool_error no 3000ms"}},
		"durations": {
			[]string{"1 09 s " + calls("a"), "2 08 s " + returns("a", ""), "3 08 s " + calls("b"), "4 10 s " + returns("b", `,"toolUseResult":{"durationMs":"3","totalDurationMs":-1}`),
				"5 11 s " + returns("c", `,"toolUseResult":{"durationSeconds":1e308}`), "6 12 s " + returns("d", `,"toolUseResult":{"totalDurationMs":5,"durationMs":4}`)},
			[]string{"tool_call_attempt a T 0", "tool_call_complete a T success ok", "tool_call_attempt b T 0", "tool_call_complete b T success ok 2000ms",
				"tool_call_complete c success ok", "tool_call_complete d success ok 4ms"}},
		"a fork during a call, which ends in the session": {
			[]string{"1 01 s " + calls("c"), "2 02 s " + returns("c", ""), "", "1 01 r " + calls("c"), "3 03 r " + returns("c", "")},
			[]string{"tool_call_attempt c T 0", "tool_call_complete c T success ok 1000ms", "tool_call_attempt c T 0 copied", "tool_call_complete c T success ok 2000ms copied"}},
		"a fork that is read first": {
			[]string{"1 01 r " + calls("c"), "", "1 01 s " + calls("c"), "2 02 s " + returns("c", "")},
			[]string{"tool_call_attempt c T 0", "tool_call_attempt c T 0 copied", "tool_call_complete c T success ok 1000ms"}},
		"a fork of a turn": {
			[]string{"1 01 s " + asks, "2 02 s " + calls("c"), "3 05 s " + ends, "", "1 01 r " + asks, "2 02 r " + calls("c"), "4 06 r " + asks},
			[]string{"turn_start 1 go", "tool_call_attempt 1 c T 0", "turn_end 1 1",
				"turn_start 1 go copied", "tool_call_attempt 1 c T 0 copied", "turn_end 1 1 copied", "turn_start 4 go"}},
		"a log twice": {
			[]string{"1 01 s " + asks, "2 02 s " + calls("c"), "", "1 01 s " + asks, "2 02 s " + calls("c")},
			[]string{"turn_start 1 go", "tool_call_attempt 1 c T 0", "claude-code.user 1 copied", "tool_call_attempt 1 c T 0 copied"}},
		"denials": {
			[]string{"1 01 s " + calls("a"), "2 02 s " + returns("a", `,"toolDenialKind":"interrupted"`), "3 03 s " + returns("b", `,"toolDenialKind":"automode-blocked"`),
				"4 04 s " + returns("c", `,"toolDenialKind":"by the moon"`), "5 05 s " + returns("d", `,"toolUseResult":"Error: User rejected tool use"`),
				`6 06 s "type":"user","message":{"content":[` + returned("e", `"[Request interrupted by user for tool use]"`+fails) + "," + returned("f", `"Permission to use T has been denied."`+fails) + `]}`,
				`7 07 s "type":"user","message":{"content":[` + returned("g", `"The user doesn't want to say more"`) + `]}`},
			[]string{"tool_call_attempt a T 0", "tool_policy_decision a T deny user", "tool_policy_decision b deny classifier", "tool_policy_decision c deny by the moon",
				"tool_policy_decision d deny user", "tool_policy_decision e deny user", "tool_policy_decision f deny config", "tool_call_complete g success The user doesn't want to say more"}},
		"a hook denies": {
			[]string{"1 01 s " + calls("c"), `2 02 s "type":"attachment","attachment":{"type":"hook_permission_decision","decision":"deny","toolUseID":"c"}`,
				"3 03 s " + returns("c", `,"toolDenialKind":"permission-rule"`)},
			[]string{"tool_call_attempt c T 0", "tool_policy_decision c T deny hook", "claude-code.user"}},
		"failures": {
			[]string{`1 01 s "type":"user","message":{"content":[` + returned("a", `"<tool_use_error>x</tool_use_error>"`+fails) + "," + returned("b", `[{"type":"image"},{"type":"text","text":"Exit code 2"}]`+fails) + "," + returned("c", `{"type":"x_error"}`) + `]}`,
				"2 02 s " + returns("d", `,"toolUseResult":{"interrupted":true}`)},
			[]string{"tool_call_failure a tool_use_error <tool_use_error>x</tool_use_error>", "tool_call_failure b exit_code Exit code 2", `tool_call_failure c tool_error {"type": "x_error"}`,
				"tool_call_complete d interrupted ok"}},
		"promptIds": {
			[]string{"1 01 s " + asks + `,"promptId":"p"`, "2 02 s " + asks + `,"promptId":"p"`, "3 03 s " + asks + `,"promptId":"q"`, "4 04 s " + ends, "5 05 s " + asks + `,"promptId":"q"`, "6 06 s " + ends},
			[]string{"turn_start p go", "claude-code.user p", "turn_end p 0", "turn_start q go", "turn_end q 0", "claude-code.user", "claude-code.system"}},
		"a subagent has turns of its own": {
			[]string{"1 01 s " + asks + `,"promptId":"p"`, "2 02 s " + asks + `,"promptId":"p","agentId":"x"`, "3 03 s " + asks + `,"promptId":"p","agentId":"x"`, "4 04 s " + ends},
			[]string{"turn_start p go", "turn_start 2 x go", "turn_end 2 x 0", "turn_start 3 x go", "turn_end p 0"}},
		"what is no prompt": {
			[]string{`1 01 s "type":"user","isMeta":true,"message":{"content":"m"}`, `2 01 s "type":"user","isCompactSummary":true,"message":{"content":"c"}`,
				`3 01 s "type":"user","message":{"content":[{"type":"text","text":"[Request interrupted by user]"}]}`, `4 01 s "type":"user","message":{"content":"<local-command-stdout>x"}`,
				`5 01 s "type":"user","message":{"content":"<bash-stderr>x"}`, `6 01 s "type":"user","message":7`},
			slices.Repeat([]string{"claude-code.user"}, 6)},
		"what is one": {
			[]string{`1 01 s "type":"user","message":{"content":[{"type":"image"}]}`, `2 02 s "type":"user","message":{"content":"<command-name>/x"}`, `3 03 s "type":"us\u0065r","message":{"content":[{"type":"text","text":"<ide>"},{"type":"text","text":"a"}]}`},
			[]string{"turn_start 1", "turn_end 1 0", "turn_start 2 <command-name>/x", "turn_end 2 0", "turn_start 3 a"}},
		"usage of a message": {
			[]string{`1 01 s "type":"assistant","message":{"id":"m","content":[],"usage":{"input_tokens":2,"output_tokens":1}}`,
				`2 01 s "type":"assistant","message":{"id":"m","content":[` + called("a") + "," + called("b") + `],"usage":{"input_tokens":2,"output_tokens":9,"cache_read_input_tokens":4,"cache_creation_input_tokens":5}}`, "",
				`3 01 s "type":"assistant","message":{"id":"m","content":"x","usage":{"input_tokens":1,"output_tokens":10}}`,
				`4 01 s "type":"assistant","message":{"usage":{"input_tokens":3,"output_tokens":-1,"cache_read_input_tokens":"8"}}`,
				`5 01 s "type":"assistant","message":{"usage":{"input_tokens":3}}`, `5 01 r "type":"assistant","message":{"usage":{"input_tokens":3}}`},
			[]string{"claude-code.assistant 2/1/0/0", "tool_call_attempt a T 0 0/8/4/5", "tool_call_attempt b T 0", "claude-code.assistant 0/1/0/0", "claude-code.assistant 3/0/0/0", "claude-code.assistant 3/0/0/0", "claude-code.assistant copied"}},
		"agents": {
			[]string{`1 01 s "type":"progress","data":{"type":"agent_progress","agentId":"x"},"parentToolUseID":"c"`, `2 01 s "type":"progress","data":{"type":"agent_progress","agentId":"x"},"parentToolUseID":"c"`,
				"3 02 s " + returns("c", `,"toolUseResult":{"agentId":"x"}`), "", "4 01 s " + calls("d") + `,"agentId":"x"`, "5 03 s " + returns("d", `,"toolUseResult":{"agentId":"y"},"agentId":"x"`)},
			[]string{"agent_switch c x", "claude-code.progress", "claude-code.progress", "tool_call_complete c success ok",
				"tool_call_attempt x d T 0 for c", "agent_switch x d y for c", "tool_call_complete x d T success ok 2000ms for c"}},
		"sidechains of old versions": {
			[]string{"1 01 s " + asks, `- {"parentUuid":null,"isSidechain":true,"uuid":"a1","sessionId":"s","type":"user","message":{"content":"a"}}`, `- {"parentUuid":null,"isSidechain":true,"uuid":"b1","sessionId":"s","type":"user","message":{"content":"b"}}`,
				`- {"parentUuid":"a1","isSidechain":true,"uuid":"a2","sessionId":"s",` + calls("c") + "}", `- {"parentUuid":"b1","isSidechain":true,"uuid":"b2","sessionId":"s",` + calls("d") + "}", "2 02 s " + calls("e")},
			[]string{"turn_start 1 go", "turn_start a1 a", "turn_start b1 b", "tool_call_attempt a1 c T 0", "tool_call_attempt b1 d T 0", "tool_call_attempt 1 e T 0"}},
		"sidechains of a fork": {
			[]string{`- {"parentUuid":null,"isSidechain":true,"uuid":"a1","sessionId":"s","type":"user","message":{"content":"a"}}`, `- {"parentUuid":"a1","isSidechain":true,"uuid":"a2","sessionId":"s",` + calls("c") + "}", "",
				`- {"parentUuid":null,"isSidechain":true,"uuid":"a1","sessionId":"r","type":"user","message":{"content":"a"}}`, `- {"parentUuid":"a1","isSidechain":true,"uuid":"a2","sessionId":"r",` + calls("c") + "}"},
			[]string{"turn_start a1 a", "tool_call_attempt a1 c T 0", "turn_start a1 a copied", "tool_call_attempt a1 c T 0 copied"}},
		"errors": {
			[]string{`1 01 s "type":"system","subtype":"api_error","error":{"message":"a"}`, `2 01 s "type":"system","subtype":"api_error","content":"b","error":{"cause":{"code":"c"}}`,
				`3 01 s "type":"system","subtype":"api_error","error":{"type":"d","error":{"type":"error","error":{"type":"e","message":"f"}}}`,
				`4 01 s "type":"assistant","isApiErrorMessage":true,"error":"g","message":{"content":[{"type":"text","text":"h"}]}`, `5 01 s "type":"system","subtype":"x","level":"warning"`},
			[]string{"error api_error a", "error api_error b", "error e f", "error g h", "claude-code.system !"}},
		"the last answer": {
			[]string{"1 01 s " + asks, `2 01 s "type":"assistant","message":{"content":[{"type":"text","text":"a"},{"type":"text","text":" \n"}]}`, "3 02 s " + ends},
			[]string{"turn_start 1 go", "claude-code.assistant 1", "claude-code.assistant 1", "turn_end 1 a 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			var logs [][]byte
			var log []byte
			for _, line := range tc.lines {
				if line == "" {
					logs, log = append(logs, log), nil
					continue
				}
				log = append(append(log, claudeLine(line)...), '\n')
			}
			var have []string
			for _, e := range claudeEvents(t, append(logs, log)...) {
				have = append(have, e.brief())
			}
			if !slices.Equal(have, tc.want) {
				t.Errorf("have\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(tc.want, "\n"))
			}
		})
	}
}

// What is certainly Claude Code's, and what might be.
func TestClaudeCodeKnows(t *testing.T) {
	var s events.Scanner
	for line, want := range map[string]bool{
		`{"type":"user","sessionId":"s","uuid":"u","parentUuid":null,"isSidechain":false}`:    true,
		`{"type":"new","sessionId":"s","uuid":"u","parentUuid":"v","isSidechain":true}`:       true,
		`{"type":"summary","summary":"x","leafUuid":"u"}`:                                     true,
		`{"type":"file-history-snapshot","messageId":"m","snapshot":{}}`:                      true,
		`{"type":"user","sessionId":"s","uuid":"u","parentUuid":null,"message":{"parts":[]}}`: false, // qwen-code
		`{"type":"system","sessionId":"s","uuid":"u","parentUuid":"v","systemPayload":{}}`:    false,
		`{"type":"user","session_id":"s","uuid":"u","parent_tool_use_id":null}`:               false,
		`{"type":"summary","summary":"x"}`:                                                    false,
		`{"type":7,"sessionId":"s","uuid":"u","parentUuid":null,"isSidechain":false}`:         false,
		`{"sessionId":"s","uuid":"u","parentUuid":null,"isSidechain":false}`:                  false,
		`{"type":"user"}`: false,
	} {
		if err := s.Scan([]byte(line)); err != nil {
			t.Fatal(err)
		}
		if is := dialects.Named("claude-code").Knows(&s); is != want {
			t.Errorf("%v: %s", is, line)
		}
	}
}
