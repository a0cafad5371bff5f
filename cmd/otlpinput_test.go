//go:build unix

package cmd_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"auditctl/testdata/tlstest"
)

// address waits until a process listens, and returns the URL to send to.
func (p *process) address() string {
	p.t.Helper()
	listening := regexp.MustCompile(`auditctl: listening on (https?://\S+/v1/logs)\n`)
	var found []string
	if !eventually(func() bool {
		found = listening.FindStringSubmatch(p.stderr.String())
		return found != nil
	}) {
		p.t.Fatalf("does not listen; said %q", p.stderr)
	}
	return found[1]
}

// send sends a request in JSON to a process that listens, and returns the status of the
// answer.
func (p *process) send(request string) int {
	p.t.Helper()
	answer, err := http.Post(p.address(), "application/json", strings.NewReader(request))
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// toolResult is a request with the end of a tool's call, which Claude Code sends.
func toolResult(sequence int) string {
	return fmt.Sprintf(`{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1767600000000000000","body":{"stringValue":"claude_code.tool_result"},"attributes":[`+
		`{"key":"session.id","value":{"stringValue":"s"}},{"key":"event.sequence","value":{"intValue":"%d"}},{"key":"tool_name","value":{"stringValue":"Bash"}},{"key":"tool_use_id","value":{"stringValue":"t%[1]d"}},{"key":"success","value":{"stringValue":"true"}}]}]}]}]}`, sequence)
}

// toolEvent is its event, of the nth line that was received.
func toolEvent(sequence, line int) string {
	return fmt.Sprintf(`{"event_type": "tool_call_complete", "timestamp": "2026-01-05T08:00:00+00:00", "agent_id": null, "turn_id": null, "session_id": "s", "severity": "info", "metadata": {"call_id": "t%d", "service.name": "claude-code", "event.sequence": %[1]d, "source": {"dialect": "otlp", "line": %d}}, "tool_name": "Bash", "status": "success", "duration_ms": 0.0, "result_preview": ""}`+"\n", sequence, line)
}

// What is sent is recorded before it is answered, as the events that the same request in a
// file becomes, by every command that can receive.
func TestReceive(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"tee -q -i otlp+http://127.0.0.1:0 a.jsonl --sync=always",
		"filter otlp+http://localhost:0 -o a.jsonl",
		"filter --from=auto otlp+http://[::1]:0/v1/logs -t *complete -B 1 -o a.jsonl",
		"cat -f otlp+http://127.0.0.1:0/ -o a.jsonl",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			p := start(t, "auditctl", strings.Fields(args)...)
			for n := 1; n < 3; n++ {
				if status := p.send(toolResult(n)); status != 200 {
					t.Fatalf("status %d; said %q", status, p.stderr)
				}
			}
			if have, _ := os.ReadFile(filepath.Join(p.dir, "a.jsonl")); string(have) != toolEvent(1, 1)+toolEvent(2, 2) {
				t.Errorf("have %s", have)
			}
			p.Process.Signal(syscall.SIGTERM)
			p.ends(143)
		})
	}
}

// What is received can be passed on as it came.
func TestReceiveUndecoded(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "tee", "-q", "-i", "otlp+http://127.0.0.1:0", "--from=none", "--invalid=skip", "a.jsonl")
	p.send(toolResult(1))
	p.file("a.jsonl", toolResult(1)+"\n")
}

// Lines that auditctl sends to auditctl come out as they were.
func TestReceiveFromAuditctl(t *testing.T) {
	t.Parallel()
	log, err := os.ReadFile(filepath.Join("..", "testdata", "session.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	events := string(log) + `{"k": 1.50, "event_type":"codex.x" , "metadata": {"é": "\u00e9"}}` + "\r\n"
	p := start(t, "auditctl", "tee", "-q", "-i", "otlp+http://127.0.0.1:0", "a.jsonl")
	sender := start(t, "auditctl", "tee", "-q", "otlp+"+strings.TrimSuffix(p.address(), "/v1/logs"))
	sender.feed(events)
	sender.in.Close()
	sender.exit(0, "")
	p.file("a.jsonl", events)
}

// While a destination fails senders are told to send again, and then nothing is missing
// there and nothing is taken for a copy. That is said, once.
func TestReceiveRetry(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "tee", "-q", "-i", "otlp+http://127.0.0.1:0", "a.jsonl", filepath.Join("dir", "b.jsonl"))
	for n := 1; n < 3; n++ {
		if status := p.send(toolResult(1)); status != 503 {
			t.Errorf("status %d without the directory", status)
		}
	}
	if err := os.Mkdir(filepath.Join(p.dir, "dir"), 0o700); err != nil {
		t.Fatal(err)
	}
	if status := p.send(toolResult(1)); status != 200 {
		t.Errorf("status %d with the directory", status)
	}
	for name, want := range map[string]string{"a.jsonl": toolEvent(1, 1) + toolEvent(1, 2) + toolEvent(1, 3), "dir/b.jsonl": toolEvent(1, 3)} {
		if have, err := os.ReadFile(filepath.Join(p.dir, name)); string(have) != want {
			t.Errorf("%s has %s, %v", name, have, err)
		}
	}
	p.Process.Signal(syscall.SIGTERM)
	p.ends(143)
	for _, text := range []string{"it is tried again\n", "b.jsonl: it works again\n"} {
		if strings.Count(p.stderr.String(), text) != 1 {
			t.Errorf("said %q", p.stderr)
		}
	}
}

// With --on-error=stop the first failure ends the run.
func TestReceiveStop(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("no /dev/full")
	}
	p := start(t, "auditctl", "tee", "-q", "-i", "otlp+http://127.0.0.1:0", "/dev/full", "--on-error=stop")
	if status := p.send(toolResult(1)); status != 503 {
		t.Errorf("status %d", status)
	}
	p.ends(2)
}

// At the end, what is recorded is answered so, and the rest is not: whoever sent it will
// send it to the next run.
func TestReceiveInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo"), 0o600); err != nil {
		t.Fatal(err)
	}
	fifo, err := os.OpenFile(filepath.Join(dir, "fifo"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer fifo.Close()
	p := startIn(t, dir, nil, "env", "PATIENCE_WRITES=1ms", "auditctl", "tee", "-q", "-i", "otlp+http://127.0.0.1:0", "fifo", "--stall-timeout", "1h")
	answered, large := make(chan int, 1), strings.Replace(toolResult(1), "Bash", strings.Repeat("B", 1<<20), 1)
	p.address()
	go func() { answered <- p.send(large) }()
	if _, err := fifo.Read(make([]byte, 1)); err != nil { // it is being written
		t.Fatal(err)
	}
	p.Process.Signal(syscall.SIGTERM)
	if status := <-answered; status != 503 {
		t.Errorf("status %d", status)
	}
	p.ends(143)
}

// A token that is not named is refused, and never shown; TLS is used if there is a
// certificate.
func TestReceiveToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	authority := tlstest.New(t, dir)
	authority.Issue("server")
	p := startIn(t, dir, nil, "env", "AUDITCTL_OTLP_TOKEN= s3cret\n", "auditctl", "tee", "-q", "-i", "otlp+https://127.0.0.1:0", "--tls-cert", "server.pem", "--tls-key", "server.key", "a.jsonl")
	url := p.address()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool}, ForceAttemptHTTP2: true}}
	for token, want := range map[string]int{"s3cret": 200, "s3cre": 401} {
		req, _ := http.NewRequest("POST", url, strings.NewReader(toolResult(1)))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer "+token)
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || answer.ProtoMajor != 2 {
			t.Errorf("%s: %s %s", token, answer.Proto, answer.Status)
		}
	}
	client.CloseIdleConnections()
	p.file("a.jsonl", toolEvent(1, 1))
	p.Process.Signal(syscall.SIGTERM)
	p.ends(143)
	if strings.Contains(p.stderr.String(), "s3cre") {
		t.Errorf("said %q", p.stderr)
	}
}

// An address that is in use is said to be, and nothing is done to the destinations.
func TestReceiveInUse(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := start(t, "auditctl", "tee", "-q", "-i", "otlp+http://"+l.Addr().String(), "a.jsonl")
	p.ends(2)
	if _, err := os.Stat(filepath.Join(p.dir, "a.jsonl")); err == nil || !strings.Contains(p.stderr.String(), "address already in use\n") {
		t.Errorf("%v; said %q", err, p.stderr)
	}
}
