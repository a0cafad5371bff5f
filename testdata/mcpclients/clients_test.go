// Package mcpclients tests that auditctl mcp passes everything between an MCP client and
// servers that others made, and records it. It is a module of its own because of their
// dependencies.
package mcpclients

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// patience only turns an endless wait into a failure.
const patience = time.Minute

// program is auditctl.
var program string

func TestMain(m *testing.M) {
	if runAs(os.Args) {
		return
	}
	dir, err := os.MkdirTemp("", "mcpclients")
	if err == nil {
		program = filepath.Join(dir, "auditctl")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Dir, build.Stderr = filepath.Join("..", ".."), os.Stderr
		err = build.Run()
	}
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// talk has a client of the Go SDK talk to a server, with auditctl between them or not. It
// returns the directory with what passed, at the client and at the server, and with the
// events.
func talk(t *testing.T, recorded bool, protocol string, server []string, say func(context.Context, *mcp.ClientSession)) (dir string) {
	t.Helper()
	dir = t.TempDir()
	command := []string{os.Args[0], "tap", filepath.Join(dir, "client")}
	if recorded {
		command = append(command, program, "mcp", "-o", filepath.Join(dir, "audit.jsonl"), "--")
	}
	command = append(append(command, os.Args[0], "tap", filepath.Join(dir, "server")), server...)
	client := mcp.NewClient(&mcp.Implementation{Name: "probe", Version: "0.1"}, &mcp.ClientOptions{
		Capabilities: &mcp.ClientCapabilities{}, // not to be asked for roots after some time
		ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
			return &mcp.ElicitResult{Action: "accept"}, nil
		},
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = os.Stderr
	// The other server does not end when its input does; clients then send SIGTERM.
	session, err := client.Connect(ctx, &mcp.CommandTransport{Command: cmd, TerminateDuration: 100 * time.Millisecond},
		&mcp.ClientSessionOptions{ProtocolVersion: protocol})
	if err != nil {
		t.Fatal(err)
	}
	say(ctx, session)
	session.Close() // with the status of the server, which may be SIGTERM's
	for _, way := range []string{".in", ".out"} {
		at, beyond := read(t, filepath.Join(dir, "client"+way)), read(t, filepath.Join(dir, "server"+way))
		if len(at) == 0 || !bytes.Equal(at, beyond) {
			t.Errorf("%s: %q at the client is %q at the server", way, at, beyond)
		}
	}
	return dir
}

// sameWithout has them talk with auditctl between them, and without, and checks that they
// say the same. It returns the directory of the former.
func sameWithout(t *testing.T, protocol string, server []string, say func(context.Context, *mcp.ClientSession)) (dir string) {
	t.Helper()
	dir = talk(t, true, protocol, server, say)
	without := talk(t, false, protocol, server, say)
	for _, way := range []string{"client.in", "client.out"} {
		if with, without := read(t, filepath.Join(dir, way)), read(t, filepath.Join(without, way)); !bytes.Equal(with, without) {
			t.Errorf("%s: %q, but without auditctl %q", way, with, without)
		}
	}
	return dir
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// An event is what matters of an event here.
type event struct {
	Type     string `json:"event_type"`
	Tool     string `json:"tool_name"`
	Metadata struct {
		Call     string   `json:"call_id"`
		Server   string   `json:"mcp.server.name"`
		Client   string   `json:"mcp.client.name"`
		Protocol string   `json:"mcp.protocol.version"`
		Tools    []string `json:"tools"`
	} `json:"metadata"`
	Arguments string  `json:"arguments_preview"`
	Result    string  `json:"result_preview"`
	Error     string  `json:"error_message"`
	Duration  float64 `json:"duration_ms"`
}

// events returns the recorded events of some types, as TYPE TOOL RESULT.
func events(t *testing.T, dir, protocol, server string, types ...string) (said []string) {
	t.Helper()
	calls := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(read(t, filepath.Join(dir, "audit.jsonl")))); lines.Scan(); {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(types, e.Type) {
			continue
		}
		text := e.Arguments + e.Result + e.Error
		said = append(said, fmt.Sprintf("%s %s %.40s", e.Type, e.Tool, text))
		m := e.Metadata
		if e.Tool != "" && (m.Server != server || m.Client != "probe" || m.Protocol != protocol) {
			t.Errorf("%s between %s and %s by %s", e.Type, m.Client, m.Server, m.Protocol)
		}
		switch e.Type {
		case "tool_call_attempt":
			calls[m.Call] = true
		case "tool_call_complete":
			if !calls[m.Call] || e.Duration <= 0 {
				t.Errorf("%s ends after %v ms, and began: %v", e.Tool, e.Duration, calls[m.Call])
			}
		}
	}
	return said
}

// The Go SDK's client and server say the same to each other with auditctl between them, and
// what they say is recorded, in both forms of the protocol.
func TestGoSDK(t *testing.T) {
	t.Parallel()
	say := func(ctx context.Context, s *mcp.ClientSession) {
		if tools, err := s.ListTools(ctx, nil); err != nil || len(tools.Tools) != 3 {
			t.Errorf("%v, %v", tools, err)
		}
		for _, call := range []*mcp.CallToolParams{
			{Name: "add", Arguments: terms{2, 3}}, {Name: "fail"}, {Name: "ask"}, {Name: "none"},
		} {
			if _, err := s.CallTool(ctx, call); (err != nil) != (call.Name == "none") {
				t.Errorf("%s: %v", call.Name, err)
			}
		}
		if _, err := s.ReadResource(ctx, &mcp.ReadResourceParams{URI: "sums://all"}); err != nil {
			t.Error(err)
		}
	}
	server := []string{os.Args[0], "serve"}
	for _, protocol := range []string{"2025-06-18", "2025-11-25", "2026-07-28"} {
		t.Run(protocol, func(t *testing.T) {
			t.Parallel()
			dir := sameWithout(t, protocol, server, say)
			want := []string{
				"mcp.tools_offered  ",
				`tool_call_attempt add {"a": 2, "b": 3}`, `tool_call_complete add {"sum":5}`,
				"tool_call_attempt fail {}", "tool_call_failure fail out of paper",
				"tool_call_attempt ask {}", "mcp.elicitation/create  ", "tool_call_complete ask thanks",
				"tool_call_attempt none {}", `tool_call_failure none unknown tool "none"`,
				"mcp.resources/read  ",
			}
			have := events(t, dir, protocol, "sums", "tool_call_attempt", "tool_call_complete", "tool_call_failure",
				"mcp.tools_offered", "mcp.elicitation/create", "mcp.resources/read", "mcp.invalid", "mcp.unanswered", "mcp.unrecorded")
			if !slices.Equal(have, want) {
				t.Errorf("recorded\n%q, want\n%q", have, want)
			}
		})
	}
}

// So it is with a server that is written in another language.
func TestServerEverything(t *testing.T) {
	t.Parallel()
	script, err := filepath.Abs("node_modules/@modelcontextprotocol/server-everything/dist/index.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(script); err != nil {
		t.Skip("to test with it, run npm ci")
	}
	const protocol = "2025-11-25"
	dir := sameWithout(t, protocol, []string{"node", script}, func(ctx context.Context, s *mcp.ClientSession) {
		if _, err := s.ListTools(ctx, nil); err != nil {
			t.Error(err)
		}
		for _, call := range []*mcp.CallToolParams{
			{Name: "echo", Arguments: map[string]any{"message": "é\u2028\U0001f600"}},
			{Name: "get-sum", Arguments: terms{2, 3}},
			{Name: "get-tiny-image"},
			{Name: "get-sum", Arguments: map[string]any{"a": "no number"}},
		} {
			if _, err := s.CallTool(ctx, call); err != nil {
				t.Errorf("%s: %v", call.Name, err)
			}
		}
		if _, err := s.ListPrompts(ctx, nil); err != nil {
			t.Error(err)
		}
	})
	want := []string{
		`tool_call_attempt echo {"message": "\u00e9\u2028\ud83d\ude00"}`, "tool_call_complete echo Echo: é\u2028\U0001f600",
		`tool_call_attempt get-sum {"a": 2, "b": 3}`, "tool_call_complete get-sum The sum of 2 and 3 is 5.",
		"tool_call_attempt get-tiny-image {}", `tool_call_complete get-tiny-image [{"type": "text", "text": "Here's the im`,
		`tool_call_attempt get-sum {"a": "no number"}`, "tool_call_failure get-sum MCP error -32602: Input validation error",
	}
	have := events(t, dir, protocol, "mcp-servers/everything", "tool_call_attempt", "tool_call_complete", "tool_call_failure",
		"mcp.invalid", "mcp.unrecorded")
	if !slices.Equal(have, want) {
		t.Errorf("recorded\n%q, want\n%q", have, want)
	}
}
