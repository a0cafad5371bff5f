package dialects_test

import (
	"fmt"
	"strings"
	"testing"

	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// hook is the record of a hook in session s, with more keys.
func hook(name, more string) string {
	if more != "" {
		more = "," + more
	}
	return fmt.Sprintf(`{"session_id":"s","hook_event_name":%q%s}`+"\n", name, more)
}

func pre(id, input string) string {
	return hook("PreToolUse", `"tool_name":"Bash","tool_input":`+input+`,"tool_use_id":"`+id+`"`)
}

func post(id, input string) string {
	return hook("PostToolUse", `"tool_name":"Bash","tool_input":`+input+`,"tool_use_id":"`+id+`"`)
}

func ask(input string) string {
	return hook("PermissionRequest", `"tool_name":"Bash","tool_input":`+input)
}

// A request for permission is about the open call with the same tool and arguments.
func TestHookPermissionRequests(t *testing.T) {
	const decision = "tool_policy_decision Bash ask"
	for name, test := range map[string]struct {
		before string
		want   string
	}{
		"none is open":           {"", decision},
		"one is open":            {pre("a", `1`), decision + " call_id=a"},
		"other arguments":        {pre("a", `2`) + pre("b", `1`), decision + " call_id=b"},
		"another tool":           {strings.Replace(pre("a", `1`), "Bash", "Read", 1), decision},
		"another session":        {strings.Replace(pre("a", `1`), `"s"`, `"t"`, 1), decision},
		"a subagent's":           {hook("PreToolUse", `"tool_name":"Bash","tool_input":1,"tool_use_id":"a","agent_id":"g"`), decision},
		"two are open":           {pre("a", `1`) + pre("b", `1`), decision + " call_id=a guess=true"},
		"two, one has ended":     {pre("a", `1`) + pre("b", `1`) + post("a", `1`), decision + " call_id=b"},
		"ended, arguments new":   {pre("a", `1`) + post("a", `2`), decision},
		"ended, told again":      {pre("a", `1`) + post("a", `1`) + pre("a", `1`), decision},
		"one was asked for":      {pre("a", `1`) + ask(`1`), decision + " call_id=a"},
		"both were asked for":    {pre("a", `1`) + pre("b", `1`) + ask(`1`) + ask(`1`), decision},
		"one of two":             {pre("a", `1`) + pre("b", `1`) + ask(`1`), decision + " call_id=b guess=true"},
		"failed":                 {pre("a", `1`) + hook("PostToolUseFailure", `"tool_use_id":"a"`), decision},
		"denied":                 {pre("a", `1`) + hook("PermissionDenied", `"tool_use_id":"a"`), decision},
		"many are open":          {many(20, func(i int) string { return pre(fmt.Sprint(i), `1`) }), decision + " call_id=12 guess=true"},
		"an id that is too long": {pre(strings.Repeat("i", 300), `1`), decision},
	} {
		t.Run(name, func(t *testing.T) {
			told := strings.Split(brief(t, "hooks", test.before+ask(`1`)), "\n")
			if have := told[len(told)-1]; have != test.want {
				t.Errorf("have %s\nwant %s", have, test.want)
			}
		})
	}
}

func many(n int, text func(i int) string) string {
	var all strings.Builder
	for i := range n {
		all.WriteString(text(i))
	}
	return all.String()
}

func TestHooks(t *testing.T) {
	for name, test := range map[string]struct{ log, want string }{
		"Claude Code's end":       {post("a", `1`), "tool_call_complete Bash success call_id=a"},
		"Codex's end":             {hook("PostToolUse", `"turn_id":"u","tool_name":"Bash","tool_use_id":"a"`), "tool_call_complete u Bash ended call_id=a"},
		"Gemini CLI's failure":    {hook("AfterTool", `"tool_name":"ls","tool_response":{"error":"no"}`), "tool_call_failure ls"},
		"Gemini CLI's end":        {hook("AfterTool", `"tool_name":"ls","tool_response":{"error":null}`), "tool_call_complete ls success"},
		"interrupted":             {hook("PostToolUseFailure", `"tool_name":"ls","is_interrupt":true`), "tool_call_failure ls interrupted"},
		"the subagent of a call":  {agentCall("a", "x") + agentCall("b", "y") + startAgent("g", "y") + hook("PreToolUse", `"agent_id":"g","tool_name":"ls"`), "tool_call_attempt Agent call_id=a\ntool_call_attempt Agent call_id=b\nagent_switch g call_id=b\ntool_call_attempt g ls parent_call_id=b"},
		"subagents of one kind":   {agentCall("a", "x") + agentCall("b", "x") + startAgent("g", "x") + startAgent("h", "x"), "tool_call_attempt Agent call_id=a\ntool_call_attempt Agent call_id=b\nagent_switch g call_id=a guess=true\nagent_switch h call_id=b guess=true"},
		"the usual kind":          {hook("PreToolUse", `"tool_name":"Agent","tool_input":{},"tool_use_id":"a"`) + startAgent("g", "general-purpose"), "tool_call_attempt Agent call_id=a\nagent_switch g call_id=a"},
		"calls of a turn":         {hook("UserPromptSubmit", `"prompt_id":"p"`) + hook("PreToolUse", `"prompt_id":"p","tool_name":"ls"`) + hook("PreToolUse", `"prompt_id":"p","tool_name":"ls","agent_id":"g"`) + hook("Stop", `"prompt_id":"p"`), "turn_start p\ntool_call_attempt p ls\ntool_call_attempt g p ls\nturn_end p 1"},
		"one record is enough":    {hook("Stop", `"prompt_id":7,"last_assistant_message":{"a":1}`), "turn_end 7 0"},
		"names of other kinds":    {hook("", "") + `{"hook_event_name":7,"session_id":"s"}` + "\n", "refused\nhooks."},
		"another of Codex's":      {`{"type":"x","turn-id":null,"thread-id":"s"}` + "\n" + `{"type":"x"}` + "\n" + `{"type":"x","turn-id":"1"}` + "\n", "refused\nhooks.x\nhooks.x 1"},
		"Cursor's calls of old":   {cursor("beforeShellExecution", `"command":"ls"`) + cursor("preToolUse", `"tool_name":"Read","tool_use_id":"a"`) + cursor("beforeShellExecution", `"command":"ls"`), "tool_call_attempt Shell\ntool_call_attempt Read call_id=a\nhooks.beforeShellExecution"},
		"Cursor's, denied":        {cursor("postToolUseFailure", `"tool_name":"Read","tool_use_id":"a","failure_type":"permission_denied"`), "tool_policy_decision Read deny call_id=a"},
		"a turn that is told off": {hook("StopFailure", `"error":"server_error"`), "error server_error\nturn_end 0"},
	} {
		t.Run(name, func(t *testing.T) {
			if have := brief(t, "hooks", test.log); have != test.want {
				t.Errorf("have\n%s\nwant\n%s", have, test.want)
			}
		})
	}
}

func agentCall(id, kind string) string {
	return hook("PreToolUse", fmt.Sprintf(`"tool_name":"Agent","tool_input":{"subagent_type":%q,"n":%q},"tool_use_id":%q`, kind, id, id))
}

func startAgent(id, kind string) string {
	return hook("SubagentStart", fmt.Sprintf(`"agent_id":%q,"agent_type":%q`, id, kind))
}

func cursor(name, more string) string {
	return strings.Replace(hook(name, more), "session_id", "conversation_id", 1)
}

func TestHooksKnown(t *testing.T) {
	for record, want := range map[string]bool{
		`{"hook_event_name":"Stop","session_id":"s"}`:      true,
		`{"hook_event_name":"stop","conversation_id":"s"}`: true,
		`{"type":"agent-turn-complete","turn-id":"t"}`:     true,
		`{"hook_event_name":"Stop"}`:                       false,
		`{"hook_event_name":null,"session_id":"s"}`:        false,
		`{"type":"agent-turn-complete"}`:                   false,
		`{"type":"approval-requested","turn-id":"t"}`:      false,
	} {
		var s events.Scanner
		if err := s.Scan([]byte(record)); err != nil {
			t.Fatal(err)
		}
		if have := dialects.Of(&s) == dialects.Named("hooks"); have != want {
			t.Errorf("%s: known is %t, want %t", record, have, want)
		}
	}
}
