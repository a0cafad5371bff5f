package dialects_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestCopilotCLI(t *testing.T) {
	line := func(kind, data string) string {
		return fmt.Sprintf(`{"type":%q,"data":{%s},"id":"e","timestamp":"2026-03-09T08:15:00Z","parentId":null}`, kind, data)
	}
	start := func(id, more string) string {
		return line("tool.execution_start", fmt.Sprintf(`"toolCallId":%q,"toolName":"bash"%s`, id, more))
	}
	complete := func(id, more string) string {
		return line("tool.execution_complete", fmt.Sprintf(`"toolCallId":%q%s`, id, more))
	}
	message := func(more string) string { return line("assistant.message", `"content":"x"`+more) }
	prompt := line("user.message", `"content":"Hi","interactionId":"1"`)
	turnEnd := line("assistant.turn_end", `"turnId":"0"`)
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"parallel": {
			[]string{start("a", ""), start("b", ""), complete("b", `,"success":false,"error":{"code":"failure"}`), complete("a", `,"success":true`)},
			"tool_call_attempt bash call_id=a\ntool_call_attempt bash call_id=b\ntool_call_failure bash failure call_id=b\ntool_call_complete bash success call_id=a",
		},
		"told twice": {
			[]string{start("a", ""), start("a", ""), complete("a", `,"success":true`), complete("a", `,"success":false`)},
			"tool_call_attempt bash call_id=a\ncopilot-cli.tool.execution_start call_id=a\ntool_call_complete bash success call_id=a\ncopilot-cli.tool.execution_complete call_id=a",
		},
		"without success":       {[]string{complete("a", "")}, "tool_call_complete ended call_id=a"},
		"denied":                {[]string{start("a", ""), complete("a", `,"success":false,"error":{"code":"rejected"}`)}, "tool_call_attempt bash call_id=a\ntool_policy_decision bash deny call_id=a decided_by=user"},
		"allowed":               {[]string{start("a", ""), line("permission.completed", `"toolCallId":"a","result":{"kind":"approved-for-session"}`)}, "tool_call_attempt bash call_id=a\ntool_policy_decision bash allow call_id=a"},
		"a turn of two answers": {[]string{prompt, message(`,"toolRequests":[{}]`), turnEnd, prompt, message(`,"toolRequests":[]`), turnEnd, turnEnd}, "turn_start 1\ncopilot-cli.assistant.message 1\ncopilot-cli.assistant.turn_end 1\ncopilot-cli.user.message 1\ncopilot-cli.assistant.message 1\nturn_end 1 0\ncopilot-cli.assistant.turn_end"},
		"a subagent's turn": {
			[]string{prompt, message(`,"toolRequests":[]`), line("assistant.turn_end", `"parentToolCallId":"a"`), turnEnd},
			"turn_start 1\ncopilot-cli.assistant.message 1\ncopilot-cli.assistant.turn_end a 1 parent_call_id=a\nturn_end 1 0",
		},
		"a subagent's answer": {
			[]string{prompt, message(`,"toolRequests":[{}]`), message(`,"parentToolCallId":"a"`), turnEnd},
			"turn_start 1\ncopilot-cli.assistant.message 1\ncopilot-cli.assistant.message a 1 parent_call_id=a\ncopilot-cli.assistant.turn_end 1",
		},
		"an agent of an agent": {
			[]string{start("a", ""), line("subagent.started", `"toolCallId":"a"`), start("b", `,"parentToolCallId":"a"`), line("subagent.started", `"toolCallId":"b"`), line("subagent.completed", `"toolCallId":"b"`)},
			"tool_call_attempt bash call_id=a\nagent_switch a call_id=a\ntool_call_attempt a bash call_id=b parent_call_id=a\nagent_switch a b call_id=b parent_call_id=a\nagent_switch a a call_id=b parent_call_id=a",
		},
		"tokens of one answer": {
			[]string{message(`,"apiCallId":"1","outputTokens":5`), line("assistant.usage", `"apiCallId":"1","inputTokens":9,"cacheReadTokens":4,"outputTokens":5`)},
			"copilot-cli.assistant.message output_tokens=5\ncopilot-cli.assistant.usage input_tokens=5 cache_read_tokens=4",
		},
		"usage first": {
			[]string{line("assistant.usage", `"apiCallId":"1","inputTokens":9,"outputTokens":5`), message(`,"apiCallId":"1","outputTokens":5`)},
			"copilot-cli.assistant.usage input_tokens=9 output_tokens=5\ncopilot-cli.assistant.message",
		},
		"totals": {
			[]string{line("session.shutdown", `"output_tokens":9,"modelMetrics":{"m":{"usage":{"outputTokens":5}}}`)},
			"copilot-cli.session.shutdown",
		},
		"another's": {[]string{`{"type":"user","message":{}}`, `{"data":{}}`}, "refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := brief(t, "copilot-cli", strings.Join(test.lines, "\n")); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}
