//go:build unix

package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Records of other programs: a prompt, a call and its end, whose tool is known from the call;
// and what Codex begins with.
const (
	prompt = `{"parentUuid":null,"isSidechain":false,"sessionId":"s","uuid":"1","type":"user","message":{"content":"look"}}` + "\n"
	call   = `{"parentUuid":"1","isSidechain":false,"sessionId":"s","uuid":"2","type":"assistant","message":{"id":"m","content":[{"type":"tool_use","id":"c","name":"grep","input":{}}]}}` + "\n"
	result = `{"parentUuid":"2","isSidechain":false,"sessionId":"s","uuid":"3","type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"c","content":"found"}]}}` + "\n"
	codex  = `{"timestamp":"2026-03-10T08:00:00.000Z","type":"session_meta","payload":{"id":"t","timestamp":"2026-03-10T08:00:00.000Z","cwd":"/","originator":"codex_cli_rs","cli_version":"1.0.0"}}` + "\n"
)

// Logs of other programs are followed from whatever is there at first: lines are shown at
// once, and mean what they mean after those before them.
func TestFollowFrom(t *testing.T) {
	t.Parallel()
	pretty := "{\n" + strings.TrimPrefix(lineA, "{")
	for name, test := range map[string]struct {
		args, text, want string
		adds             [][2]string // what is appended, and what is shown then
	}{
		"as it is":           {"", prompt + call, prompt + call, [][2]string{{result, result}, {lineA, lineA}}},
		"empty":              {"", "", "", [][2]string{{prompt, prompt}, {call, call}, {result, result}}},
		"incomplete":         {"", prompt[:50], "", [][2]string{{prompt[50:], prompt}, {call + result, call + result}}},
		"tells nothing":      {"", "{\"x\": 1}\nx\n\n", "", [][2]string{{"[]\n" + prompt, prompt}, {call, call}}},
		"by name":            {"--from=claude-code", "", "", [][2]string{{prompt + "x\n", prompt}, {call, call}}},
		"the end of a call":  {"--tool-name grep -t tool_call_complete", prompt + call, "", [][2]string{{prompt + result, result}}},
		"the last":           {"-n 1", prompt + call, call, [][2]string{{result, result}}},
		"not the unfinished": {"-n 1", prompt + call + result[:len(result)-1], call, [][2]string{{"\n", result}}},
		"of a document":      {"-n 1", pretty + pretty + "{\n", pretty, [][2]string{{pretty[2:], pretty}}},
		"own events":         {"-n 1", lineA + prompt + lineB + prompt, lineB, [][2]string{{prompt + lineC, lineC}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(strings.Fields(test.args), "--original", "--invalid=skip", "log")
			p := startFollowing(t, map[string]string{"log": test.text}, args...)
			p.expect(test.want)
			for _, add := range test.adds {
				p.appendFile("log", add[0])
				p.expect(add[1])
			}
		})
	}
}

// A file may be followed by one of another program, or of events.
func TestFollowFromRotated(t *testing.T) {
	t.Parallel()
	p := startFollowing(t, map[string]string{"log": prompt + call, "other": prompt}, "--original", "-n", "1", "log", "other")
	p.expectLines(call, prompt)
	p.rename("log", "log.1")
	p.appendFile("log", codex)
	p.expect(codex)
	p.rename("log", "log.1")
	p.appendFile("log", lineA)
	p.expect(lineA)
	if err := os.Truncate(filepath.Join(p.dir, "log"), 0); err != nil {
		t.Fatal(err)
	}
	p.appendFile("log", prompt+call)
	p.expect(prompt + call)
	p.appendFile("other", result)
	p.expect(result)
}
