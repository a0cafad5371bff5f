package dialects_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestGemini(t *testing.T) {
	const header = `{"sessionId":"s","projectHash":"p","startTime":"2026-03-09T08:15:00Z"}`
	message := func(id, kind, more string) string {
		return fmt.Sprintf(`{"id":%q,"timestamp":"2026-03-09T08:15:00Z","type":%q,"content":[{"text":"x"}]%s}`, id, kind, more)
	}
	call := func(id, status, more string) string {
		return fmt.Sprintf(`{"id":%q,"name":"sh","args":{},"status":%q,"timestamp":"2026-03-09T08:15:01Z"%s}`, id, status, more)
	}
	calls := func(calls ...string) string { return `,"toolCalls":[` + strings.Join(calls, ",") + `]` }
	tokens := func(input, output, thoughts, cached, total int) string {
		return fmt.Sprintf(`,"tokens":{"input":%d,"output":%d,"thoughts":%d,"cached":%d,"total":%d}`, input, output, thoughts, cached, total)
	}
	failed := `,"result":[{"functionResponse":{"response":{"error":"[Operation Cancelled] Reason: User did not allow tool call"}}}]`
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"parallel": {
			[]string{header, message("1", "gemini", calls(call("a", "success", ""), call("b", "error", "")))},
			"gemini.session\ngemini.gemini\ntool_call_attempt sh call_id=a\ntool_call_attempt sh call_id=b\ntool_call_complete sh success call_id=a\ntool_call_failure sh call_id=b",
		},
		"a message that grows": {
			[]string{message("1", "gemini", ""), message("1", "gemini", tokens(9, 2, 1, 4, 12)), message("1", "gemini", tokens(9, 2, 1, 4, 12)+calls(call("a", "executing", ""))), message("1", "gemini", tokens(9, 2, 1, 4, 12)+calls(call("a", "success", "")))},
			"gemini.gemini\ngemini.gemini input_tokens=5 output_tokens=3 cache_read_tokens=4\ngemini.gemini\ntool_call_attempt sh call_id=a\ngemini.gemini\ntool_call_complete sh success call_id=a",
		},
		"tokens that are left out and told again": {
			[]string{message("1", "gemini", tokens(1, 2, 0, 0, 3)), message("1", "gemini", ""), message("1", "gemini", tokens(1, 2, 0, 0, 3))},
			"gemini.gemini input_tokens=1 output_tokens=2\ngemini.gemini\ngemini.gemini",
		},
		"thoughts that the output has": {
			[]string{message("1", "gemini", tokens(9, 2, 1, 0, 11))},
			"gemini.gemini input_tokens=9 output_tokens=2",
		},
		"all messages again": {
			[]string{message("1", "user", ""), `{"$set":{"messages":[` + message("1", "user", "") + `,` + message("2", "gemini", tokens(1, 1, 0, 0, 2)) + `]}}`, `{"$set":{"messages":[` + message("2", "gemini", tokens(1, 1, 0, 0, 2)) + `]}}`},
			"turn_start 1\ngemini.set 1\ngemini.gemini 1 input_tokens=1 output_tokens=1\ngemini.set 1",
		},
		"not allowed": {
			[]string{message("1", "gemini", calls(call("a", "cancelled", failed)))},
			"gemini.gemini\ntool_call_attempt sh call_id=a\ntool_policy_decision sh deny call_id=a decided_by=user",
		},
		"cancelled": {
			[]string{message("1", "gemini", calls(call("a", "cancelled", "")))},
			"gemini.gemini\ntool_call_attempt sh call_id=a\ntool_call_complete sh interrupted call_id=a",
		},
		"a call that goes on": {
			[]string{message("1", "gemini", calls(call("a", "awaiting_approval", "")))},
			"gemini.gemini\ntool_call_attempt sh call_id=a",
		},
		"an agent": {
			[]string{message("1", "gemini", calls(call("a", "executing", `,"agentId":"lids"`))), `{"sessionId":"lids","projectHash":"p","kind":"subagent"}`},
			"gemini.gemini\ntool_call_attempt sh call_id=a\nagent_switch lids call_id=a\ngemini.session lids",
		},
		"a result among the user's messages": {
			[]string{`{"id":"1","type":"user","content":[{"functionResponse":{"id":"a"}}]}`},
			"gemini.user",
		},
		"one document": {
			[]string{`{"sessionId":"s","projectHash":"p","messages":[` + message("1", "user", "") + `,` + message("2", "gemini", calls(call("a", "success", ""))) + `]}`},
			"gemini.session\nturn_start 1\ngemini.gemini 1\ntool_call_attempt 1 sh call_id=a\ntool_call_complete 1 sh success call_id=a",
		},
		"another's": {[]string{`{"type":"x","payload":{}}`, `{"id":"1","type":"message"}`}, "refused"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := brief(t, "gemini", strings.Join(test.lines, "\n")); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// A chat that was one document is copied when it is taken up again.
func TestGeminiCopied(t *testing.T) {
	const message = `{"id":"1","type":"gemini","content":"","tokens":{"output":3},"toolCalls":[{"id":"a","name":"sh","status":"success"}]}`
	const header = `{"sessionId":"s","projectHash":"p"`
	want := `gemini.session
gemini.gemini output_tokens=3
tool_call_attempt sh call_id=a
tool_call_complete sh success call_id=a
gemini.session
gemini.gemini copied=true
tool_call_attempt sh call_id=a copied=true
tool_call_complete sh success call_id=a copied=true`
	if got := brief(t, "gemini", header+`,"messages":[`+message+`]}`, header+"}\n"+message); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQwen(t *testing.T) {
	n := 0
	line := func(kind, more string) string {
		n++
		return fmt.Sprintf(`{"uuid":"u%d","parentUuid":null,"sessionId":"s","timestamp":"2026-03-09T08:15:00Z","type":%q,%s}`, n, kind, more)
	}
	telemetry := func(event string) string {
		return line("system", `"subtype":"ui_telemetry","systemPayload":{"uiEvent":{`+event+`}}`)
	}
	call := func(id, args string) string {
		return line("assistant", fmt.Sprintf(`"message":{"parts":[{"functionCall":{"id":%q,"name":"sh","args":%s}}]}`, id, args))
	}
	result := func(id, response, status string) string {
		return line("tool_result", fmt.Sprintf(`"message":{"parts":[{"functionResponse":{"id":%q,"name":"sh","response":%s}}]},"toolCallResult":{"callId":%q%s}`, id, response, id, status))
	}
	decided := func(args, decision string) string {
		return telemetry(fmt.Sprintf(`"event.name":"qwen-code.tool_call","function_name":"sh","function_args":%s,"decision":%q,"duration_ms":5`, args, decision))
	}
	answered := telemetry(`"event.name":"qwen-code.api_response","input_token_count":10,"output_token_count":2,"cached_content_token_count":4,"total_token_count":12`)
	answer := line("assistant", `"message":{"parts":[]},"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"cachedContentTokenCount":4,"totalTokenCount":12}`)
	other := line("assistant", `"message":{"parts":[]},"usageMetadata":{"promptTokenCount":7}`)
	tests := map[string]struct {
		lines []string
		want  string
	}{
		"tokens told twice":   {[]string{answered, answer}, "gemini.ui_telemetry input_tokens=6 output_tokens=2 cache_read_tokens=4\ngemini.assistant"},
		"the message first":   {[]string{answer, answered}, "gemini.assistant input_tokens=6 output_tokens=2 cache_read_tokens=4\ngemini.ui_telemetry"},
		"two different":       {[]string{answered, other}, "gemini.ui_telemetry input_tokens=6 output_tokens=2 cache_read_tokens=4\ngemini.assistant input_tokens=7"},
		"a call":              {[]string{call("a", `{}`), result("a", `{"output":"x"}`, "")}, "gemini.assistant\ntool_call_attempt sh call_id=a\ntool_call_complete sh success call_id=a"},
		"unknown success":     {[]string{call("a", `{}`), result("a", `{}`, "")}, "gemini.assistant\ntool_call_attempt sh call_id=a\ntool_call_complete sh ended call_id=a"},
		"a failure":           {[]string{call("a", `{}`), result("a", `{"error":"x"}`, `,"status":"error","errorType":"broken"`)}, "gemini.assistant\ntool_call_attempt sh call_id=a\ntool_call_failure sh broken call_id=a"},
		"allowed":             {[]string{call("a", `{"x":1}`), call("b", `{"x":2}`), decided(`{"x":2}`, "auto_accept")}, "gemini.assistant\ntool_call_attempt sh call_id=a\ngemini.assistant\ntool_call_attempt sh call_id=b\ntool_policy_decision sh allow call_id=b decided_by=config"},
		"refused":             {[]string{call("a", `{}`), decided(`{}`, "reject"), result("a", `{"error":"x"}`, `,"status":"cancelled"`)}, "gemini.assistant\ntool_call_attempt sh call_id=a\ntool_policy_decision sh deny call_id=a decided_by=user\ngemini.tool_result call_id=a"},
		"of two the same":     {[]string{call("a", `{}`), call("b", `{}`), decided(`{}`, "accept")}, "gemini.assistant\ntool_call_attempt sh call_id=a\ngemini.assistant\ntool_call_attempt sh call_id=b\ngemini.ui_telemetry"},
		"decided at its end":  {[]string{call("a", `{}`), result("a", `{"output":"x"}`, ""), decided(`{}`, "accept")}, "gemini.assistant\ntool_call_attempt sh call_id=a\ntool_call_complete sh success call_id=a\ngemini.ui_telemetry"},
		"a prompt and a note": {[]string{line("user", `"promptId":"p","message":{"parts":[{"text":"Hi"}]}`), line("user", `"subtype":"notification","message":{"parts":[{"text":"done"}]}`)}, "turn_start p\ngemini.notification p"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := brief(t, "gemini", strings.Join(test.lines, "\n")); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
	branch := strings.Replace(answer, `"sessionId":"s"`, `"sessionId":"t"`, 1)
	const want = "gemini.assistant input_tokens=6 output_tokens=2 cache_read_tokens=4\ngemini.assistant copied=true"
	if got := brief(t, "gemini", answer, branch); got != want {
		t.Errorf("a branch: got\n%s\nwant\n%s", got, want)
	}
}
