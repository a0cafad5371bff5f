package hook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"auditctl/pkg/hook"
)

var arrival = time.Date(2026, 3, 9, 8, 14, 2, 0, time.UTC)

// What agents hand over becomes events without anything that earlier records tell, with
// the time of its arrival if it has none of its own.
func TestRead(t *testing.T) {
	for name, test := range map[string]struct {
		in     string
		typ    string
		has    string
		call   bool
		ending bool
	}{
		"an attempt":          {`{"hook_event_name":"PreToolUse"}`, "tool_call_attempt", `"2026-03-09T08:14:02+00:00"`, true, false},
		"Gemini CLI's":        {`{"hook_event_name":"BeforeTool","timestamp":"2026-01-02T03:04:05Z"}`, "tool_call_attempt", `"2026-01-02T03:04:05+00:00"`, true, false},
		"Cursor's":            {`{"hook_event_name":"preToolUse"}`, "tool_call_attempt", "", true, false},
		"Cursor's shell":      {`{"hook_event_name":"beforeShellExecution","command":"ls"}`, "tool_call_attempt", `"tool_name": "Shell"`, true, false},
		"Cursor's MCP":        {`{"hook_event_name":"beforeMCPExecution"}`, "tool_call_attempt", "", true, false},
		"a strange time":      {`{"hook_event_name":"Stop","timestamp":"noon"}`, "turn_end", `"2026-03-09T08:14:02+00:00"`, false, false},
		"an end":              {`{"hook_event_name":"PostToolUse","duration_ms":7}`, "tool_call_complete", `"duration_ms": 7.0`, false, false},
		"calls of a turn":     {`{"hook_event_name":"Stop"}`, "turn_end", `"content_preview": ""}`, false, false},
		"a request":           {`{"hook_event_name":"PermissionRequest","tool_name":"Bash"}`, "tool_policy_decision", `"metadata": {"decision": "ask", "source": {"dialect": "hooks"}}`, false, false},
		"a subagent's end":    {`{"hook_event_name":"SubagentStop","agent_id":"g"}`, "agent_switch", `"from_agent": "g"`, false, false},
		"a session's end":     {`{"hook_event_name":"SessionEnd"}`, "hooks.SessionEnd", "", false, true},
		"Cursor's end":        {`{"hook_event_name":"sessionEnd"}`, "hooks.sessionEnd", "", false, true},
		"two events":          {`{"hook_event_name":"StopFailure","error":"x"}`, "error", `"turn_end"`, false, false},
		"a name with escapes": {`{"hook_event_name":"PreTool\u0055se"}`, "tool_call_attempt", "", true, false},
		"a key twice":         {`{"hook_event_name":"Stop","hook_event_name":"PreToolUse"}`, "tool_call_attempt", "", true, false},
		"over lines":          {"\ufeff\r\n {\n\"hook_event_name\":\n\"PreToolUse\"\n}\n", "tool_call_attempt", "", true, false},
		"more after it":       {`{"hook_event_name":"PreToolUse"} and more`, "tool_call_attempt", "", true, false},
		"notify":              {`{"type":"agent-turn-complete","turn-id":"1"}`, "turn_end", "", false, false},
		"nothing":             {"\ufeff \n", "hooks.empty", `"reason": "nothing was handed over"`, true, false},
		"an array":            {"[]", "hooks.invalid", `"preview": "[]"`, true, false},
		"no hook":             {`{"a":1}`, "hooks.invalid", `"reason": "column 1: no hook_event_name"`, true, false},
		"not JSON":            {`{"hook_event_name":x}`, "hooks.invalid", `"reason": "column 20: `, true, false},
		"half":                {`{"hook_event_name":"PreToolUse"`, "hooks.invalid", `"reason": "it ends too early"`, true, false},
		"not UTF-8":           {"\xff\x00" + strings.Repeat("é", 300), "hooks.invalid", `\ufffd\u0000`, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, split := range []func(io.Reader) io.Reader{
				func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.DataErrReader,
			} {
				r := hook.Read(split(strings.NewReader(test.in)), arrival)
				if r.Type != test.typ || !strings.Contains(string(r.Lines), test.has) {
					t.Errorf("%s: %s", r.Type, r.Lines)
				}
				if r.MayBeCall() != test.call || r.EndsSession() != test.ending {
					t.Errorf("may be a call: %t, ends the session: %t", r.MayBeCall(), r.EndsSession())
				}
			}
		})
	}
}

// Nothing is read after the object: an agent may keep the pipe open.
func TestReadNoFurther(t *testing.T) {
	in := io.MultiReader(strings.NewReader("{\"hook_event_name\":\n\"Stop\"}"), iotest.ErrReader(errors.New("read again")))
	if r := hook.Read(in, arrival); r.Type != "turn_end" {
		t.Errorf("%s", r.Lines)
	}
}

// A file of errors gets whole lines, whatever it ends with.
func TestAppendLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "errors.jsonl")
	if err := os.WriteFile(path, []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := hook.Read(strings.NewReader(`{"hook_event_name":"Stop","session_id":"s"}`), arrival)
	for _, recorded := range []bool{false, true} {
		if err := hook.AppendLines(path, hook.ErrorLines(r, "disk full", recorded, arrival)); err != nil {
			t.Fatal(err)
		}
	}
	const happened = `{"event_type": "error", "timestamp": "2026-03-09T08:14:02+00:00", "agent_id": null, "turn_id": null, "session_id": "s", "severity": "error", "metadata": {}, "error_type": "%", "error_message": "disk full", "error_context": "hook Stop"}` + "\n"
	want := "torn\n" + strings.Replace(happened, "%", hook.ErrorNotRecorded, 1) + string(r.Lines) + strings.Replace(happened, "%", hook.ErrorRecorded, 1)
	if have, err := os.ReadFile(path); err != nil || string(have) != want {
		t.Errorf("%v, have\n%s\nwant\n%s", err, have, want)
	}
}

// Settings are JSON whatever is in the command, and one of their hooks tells of the attempt
// of a call: with two, each call would be recorded twice.
func TestSettings(t *testing.T) {
	const command = `'/a b/it'\''s' hook --errors="é\<&>`
	for _, a := range hook.Agents() {
		text, err := a.Settings(command)
		if err != nil {
			t.Fatal(err)
		}
		var settings struct{ Hooks map[string][]map[string]any }
		if err := json.Unmarshal(text, &settings); err != nil {
			t.Fatalf("%s: %v in %s", a.Name, err, text)
		}
		attempts := 0
		for event, called := range settings.Hooks {
			handler := called[0]
			if groups, ok := handler["hooks"].([]any); ok {
				handler = groups[0].(map[string]any)
			}
			if handler["command"] != command || handler["timeout"] == nil || handler["async"] != nil {
				t.Errorf("%s %s: %v", a.Name, event, handler)
			}
			if r := hook.Parse(fmt.Appendf(nil, `{"hook_event_name":%q}`, event), arrival); r.Type == "tool_call_attempt" {
				attempts++
			}
		}
		if attempts != 1 {
			t.Errorf("%s: %d hooks tell of the attempt of a call", a.Name, attempts)
		}
	}
}
