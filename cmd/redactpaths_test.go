package cmd_test

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// planted returns a secret by its looks, and one that only its keys tell.
func planted() (token, word string) {
	return "AI" + "za" + (rand.Text() + rand.Text())[:35], "plum" + strings.ToLower(rand.Text())
}

// A plant is a log with something in every place.
func plant(secret string) string {
	return strings.ReplaceAll(`{"event_type": "turn_start", "timestamp": "2026-05-04T09:12:00Z", "agent_id": "a", "turn_id": "t", "session_id": "s", "severity": "info", "metadata": {}, "prompt_preview": "hello"}
{"event_type": "tool_call_attempt", "timestamp": "2026-05-04T09:12:01Z", "agent_id": "SECRET", "turn_id": "SECRET", "session_id": "SECRET", "severity": "SECRET", "metadata": {"call_id": "SECRET", "SECRET": 1, "deep": [{"x": "SECRET"}]}, "tool_name": "SECRET", "arguments_preview": "{\"q\": \"SECRET\"}"}
{"event_type": "tool_call_failure", "timestamp": "2026-05-04T09:12:02Z", "agent_id": "SECRET", "turn_id": "SECRET", "session_id": "SECRET", "severity": "error", "metadata": {"call_id": "SECRET"}, "tool_name": "SECRET", "error_type": "SECRET", "error_message": "it was SECRET"}
{"event_type": "SECRET", "timestamp": "SECRET", "session_id": {"id": "SECRET"}, "severity": "warning", "note": "SECRET", "SECRET": "x"}
{"event_type": "error", "timestamp": "2026-05-04T09:12:04Z", "session_id": "s", "severity": "error", "metadata": {"model": "SECRET", "input_tokens": 3}, "error_type": "SECRET", "error_message": "SECRET"}
{"no_type": "SECRET", "SECRET": 2}
{"event_type": "error", "error_message": "SECRET
SECRET
["SECRET"]
{"event_type": "error", "error_message": "SECRET", "x": 'SECRET'}
{"event_type": "error", "error_message": "SECRET", "long": "`+strings.Repeat("long ", 50_000)+`SECRET"}
{"event_type": 7, "x": "SECRET"}
`, "SECRET", secret)
}

// everywhere returns whether text is in one of these, or in a file below dir.
func everywhere(t *testing.T, dir, text string, outputs ...string) (where string) {
	t.Helper()
	for i, output := range outputs {
		if strings.Contains(output, text) {
			return []string{"standard output", "standard error"}[i]
		}
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if r, zipped := gzip.NewReader(bytes.NewReader(data)); zipped == nil {
			data, err = io.ReadAll(r)
		}
		if strings.Contains(string(data), text) {
			where = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return where
}

// No output of any command has what redaction takes out: neither standard output nor
// messages nor files. Without the flags each of these commands has it.
func TestRedactedEverywhere(t *testing.T) {
	t.Parallel()
	token, word := planted()
	in := t.TempDir()
	record := `{"type":"user","message":{"role":"user","content":"say SECRET"},"sessionId":"SECRET","uuid":"u","timestamp":"2026-05-04T09:12:00.000Z"}` + "\n"
	for name, secret := range map[string]string{"token": token, "word": word} {
		text := plant(secret)
		writeFile(t, filepath.Join(in, name+".jsonl"), text)
		lines := strings.SplitAfter(text, "\n")
		writeFile(t, filepath.Join(in, name+".call"), lines[1])
		writeFile(t, filepath.Join(in, name+".other"), lines[0]+lines[4])
		writeFile(t, filepath.Join(in, name+".claude"), strings.ReplaceAll(record, "SECRET", secret))
	}
	const long = "--max-line=100KiB "
	for _, line := range []string{
		long + "filter LOG",
		"filter -t tool_call_failure -A 1 -B 1 LOG",
		"filter --json-array LOG",
		"filter -v -t x -o OUT/a.jsonl -o OUT/b.gz LOG",
		long + "filter -t error --rejects OUT/rejects LOG",
		"filter -t turn_start --session-id TYPO LOG",
		"filter -t turn_start --tool-name TYPO LOG",
		"filter -F metadata.TYPO=1 CALL",
		`filter -w .tool_name//"1"|tonumber LOG`,
		"filter --original --from=claude-code CLAUDE",
		"filter --original LOG",
		"cat LOG", "cat --format=text LOG", "cat --format=table LOG", "cat --format=tree LOG",
		"cat --format=csv LOG", "cat --format=tsv --columns session_id,metadata LOG",
		"cat --template {{.session_id}} LOG",
		"cat --template {{.tool_name}}{{.session_id.id}} LOG",
		"cat --sort LOG LOG",
		"cat -n 9 LOG",
		"cat -f -m 4 LOG",
		"cat --format=text --from=claude-code CLAUDE",
		"stats LOG", "stats --json LOG", "stats --by session_id,metadata.call_id LOG",
		"report LOG", "report -o OUT/page.html LOG",
		"reconcile LOG --with OTHER", "reconcile --json LOG --with OTHER",
		long + "tee OUT/a.jsonl -i LOG",
		"tee --sync=always --invalid=fail -i LOG",
		"tee -q OUT/a.jsonl --route tool_*=OUT/b.jsonl --sequence --nonce --rejects OUT/rejects -i LOG",
		"tee --from=claude-code -i CLAUDE",
		long + "tee -q --spool OUT/spool nats://127.0.0.1:1/AUDIT -i LOG",
		"emit --stdin < LOG",
		"emit custom SECRET --set x=SECRET --session-id SECRET",
		"emit error --error-message SECRET --print error_message",
		"emit error --error-message SECRET -o OUT/a.jsonl -o OUT/none/b.jsonl",
		"hook -o OUT/a.jsonl < HOOK",
		"hook -o OUT/a.jsonl < LOG",
		"hook -o OUT/none/a.jsonl --errors OUT/errors.jsonl < HOOK",
		"hook -o OUT/none/a.jsonl --errors OUT/errors.jsonl < LOG",
		"hook -o nats://127.0.0.1:1/AUDIT --spool OUT/spool < HOOK",
		long + "redact LOG",
		"redact -o OUT/a.jsonl -o OUT/b.zst --rejects OUT/rejects CLAUDE",
	} {
		t.Run(strings.ReplaceAll(line, "/", "_"), func(t *testing.T) {
			t.Parallel()
			for name, secret := range map[string]string{"token": token, "word": word} {
				typo := secret[:len(secret)-1] + "_"
				try := func(flags ...string) (where, said string) {
					out := t.TempDir()
					args := strings.Fields(strings.TrimPrefix(line, long))
					if strings.HasPrefix(line, long) {
						args = append(args, strings.TrimSpace(long))
					}
					var stdin io.Reader
					if i := slices.Index(args, "<"); i >= 0 {
						text := plant(secret)
						if args[i+1] == "HOOK" {
							text = strings.ReplaceAll(`{"hook_event_name":"PreToolUse","session_id":"SECRET","tool_name":"SECRET","tool_input":{"q":"SECRET"}}`, "SECRET", secret)
						} else if args[0] == "hook" {
							text = text[strings.Index(text, `{"event_type": "error", "error_message": "`+secret+"\n"):]
						}
						stdin, args = strings.NewReader(text), slices.Delete(args, i, i+2)
					}
					for i := range args {
						args[i] = strings.NewReplacer("LOG", filepath.Join(in, name+".jsonl"), "CALL", filepath.Join(in, name+".call"), "OTHER", filepath.Join(in, name+".other"),
							"CLAUDE", filepath.Join(in, name+".claude"), "OUT", out, "SECRET", secret, "TYPO", typo).Replace(args[i])
					}
					_, stdout, stderr := run(stdin, append(args, flags...)...)
					part := secret[:12] // cells of tables are cut
					if strings.Contains(line, "TYPO") {
						part = secret
					}
					return everywhere(t, out, part, stdout, stderr), stdout + stderr
				}
				flags := []string{"--redact-secrets"}
				if name == "word" {
					flags = []string{"--redact", "**"}
				}
				if where, said := try(flags...); where != "" {
					t.Errorf("%s %s: %s has it:\n%s", line, flags, where, said)
				}
				if slices.Contains(strings.Fields(line), "redact") {
					flags = []string{"--redact-secrets=off", "--redact", "none", "--redact-invalid=raw"}
				} else {
					flags = nil
				}
				if where, said := try(flags...); where == "" {
					t.Errorf("%s without flags does not have it:\n%s", line, said)
				}
			}
		})
	}
}

// What OpenTelemetry and NATS get is what redaction left, with its attributes and subjects.
func TestRedactedForServers(t *testing.T) {
	t.Parallel()
	token, _ := planted()
	r := newReceiver(http.StatusOK)
	t.Cleanup(r.Close)
	dir := t.TempDir()
	node := newNATSNode(dir)
	if err := node.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(node.stop)
	status, _, stderr := run(strings.NewReader(plant(token)), "tee", "-q", "--redact-secrets", r.url(), node.url("AUDIT"))
	if status != 3 || !strings.Contains(stderr, "auditctl: redacted ") {
		t.Errorf("status %d, %s", status, stderr)
	}
	if n := node.messages(t); n == 0 {
		t.Error("the stream is empty")
	}
	node.stop()
	if where := everywhere(t, dir, token, r.got(), stderr); where != "" {
		t.Errorf("%s has it", where)
	}
	if !strings.Contains(r.got(), "[redacted]") {
		t.Errorf("the receiver got %s", r.got())
	}
}
