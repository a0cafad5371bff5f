package cmd_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/cmd"
	"auditctl/pkg/redact/rule"
	"auditctl/testdata/secrets"
)

// Nothing is left of secrets of all rules, each of which is hidden somewhere else, in what
// commands make of a log, a transcript or a call. NEW is a directory for outputs.
func TestRedactedCorpus(t *testing.T) {
	t.Parallel()
	all := secrets.Of(rule.Secrets(), 1)
	traces := secrets.NewTraces(all)
	dir := t.TempDir()
	log, other, transcript, call := plantedLog(all), filepath.Join(dir, "other.jsonl"), filepath.Join(dir, "transcript.jsonl"), plantedCall(all)
	writeFile(t, filepath.Join(dir, "log.jsonl"), log)
	writeFile(t, other, strings.ReplaceAll(log, "T08:", "T09:"))
	writeFile(t, transcript, plantedTranscript(all))
	receiver := newReceiver(http.StatusOK)
	t.Cleanup(receiver.Close)

	for _, args := range []string{
		"tee - NEW/a.jsonl NEW/b.jsonl.gz --rejects NEW/r.jsonl",
		"tee --from=claude-code -i TRANSCRIPT",
		"tee --keys type=.msg",
		"filter --json-array",
		"filter --from=claude-code --original TRANSCRIPT",
		"filter --strict -w .error_message|tonumber",
		"cat --format=text --color=always",
		"cat --format=tsv",
		"cat --format=tree TRANSCRIPT",
		"stats --by tool_name,error_type,error_message",
		"stats TRANSCRIPT",
		"emit --stdin",
		"report LOG -o NEW/page.html",
		"reconcile TRANSCRIPT --with LOG",
		"redact --redact-mark LOG TRANSCRIPT -o NEW/a.jsonl",
		"redact --redact-secrets=hmac --redact-key KEY",
		"hook -o NEW/a.jsonl --errors NEW/errors.jsonl",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, "key"), "0123456789abcdef0123456789abcdef")
			in := log
			if strings.HasPrefix(args, "hook") {
				in = call
			}
			words := strings.Fields(strings.NewReplacer(
				"NEW", dir, "LOG", filepath.Join(filepath.Dir(other), "log.jsonl"), "OTHER", other, "TRANSCRIPT", transcript,
				"KEY", filepath.Join(dir, "key"), "RECEIVER", receiver.url()).Replace(args))
			if !strings.HasPrefix(args, "redact") {
				words = append(words, "--redact-secrets")
			}
			var stdout, stderr bytes.Buffer
			status := cmd.Run(context.Background(), words, cmd.Streams{In: strings.NewReader(in), Out: &stdout, Err: &stderr})
			outputs := map[string][]byte{"standard output": stdout.Bytes(), "standard error": stderr.Bytes()}
			addFiles(t, outputs, dir)
			for name, text := range outputs {
				if of, trace, found := traces.Find(text); found {
					at := bytes.Index(text, []byte(trace))
					t.Errorf("%s has %q, of %s: …%s…", name, trace, of.Rule, text[max(at-100, 0):min(max(at, 0)+100, len(text))])
				}
			}
			if stdout.Len() > 0 && status == 2 && stderr.Len() == 0 {
				t.Error("status 2, and no message")
			}
		})
	}
}

// addFiles adds the files below a directory, decompressed.
func addFiles(t *testing.T, outputs map[string][]byte, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if z, zErr := gzip.NewReader(bytes.NewReader(text)); zErr == nil {
			text, err = io.ReadAll(z)
		}
		outputs[d.Name()] = text
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// plantedLog returns a log in which each secret is in one of the hiding places, and in all keys of
// an event.
func plantedLog(all []secrets.Secret) string {
	types := []string{"turn_start", "tool_call_attempt", "tool_call_failure", "tool_policy_decision", "tool_loop_warning", "error", "turn_end"}
	var b strings.Builder
	for i, s := range all {
		for _, line := range secrets.Places[i%len(secrets.Places)].Hide(s) {
			fmt.Fprintln(&b, line)
		}
		event := map[string]any{"severity": "error", "timestamp": fmt.Sprintf("2026-03-09T08:%02d:%02dZ", i/60%60, i%60), "event_type": types[i%len(types)]}
		for _, key := range []string{
			"agent_id", "turn_id", "session_id", "tool_name", "arguments_preview", "prompt_preview", "content_preview",
			"result_preview", "error_type", "error_message", "error_context", "action", "reason", "policy_source", "pattern",
		} {
			event[key] = s.Text
		}
		event["metadata"] = map[string]any{s.Text: s.Text, "model": s.Text, "call_id": fmt.Sprint("c", i/3), "input_tokens": 1}
		if i%20 == 0 {
			event["event_type"] = s.Text
		}
		line, _ := json.Marshal(event)
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

// plantedTranscript returns a transcript of Claude Code with secrets in prompts, calls and
// their results.
func plantedTranscript(all []secrets.Secret) string {
	var b strings.Builder
	for i, s := range all {
		text, _ := json.Marshal(s.Text)
		at := fmt.Sprintf("2026-03-09T08:%02d:%02dZ", i/60%60, i%60)
		for _, record := range []string{
			`{"type":"user","message":{"role":"user","content":%[1]s},"uuid":"u%[2]d","sessionId":"s1","timestamp":"%[3]s"}`,
			`{"type":"assistant","message":{"role":"assistant","model":"m","content":[{"type":"tool_use","id":"t%[2]d","name":"Bash","input":{"command":%[1]s}}]},"uuid":"v%[2]d","sessionId":"s1","timestamp":"%[3]s"}`,
			`{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"t%[2]d","content":%[1]s,"is_error":true}]},"toolUseResult":%[1]s,"uuid":"w%[2]d","sessionId":"s1","timestamp":"%[3]s"}`,
		} {
			fmt.Fprintf(&b, record+"\n", text, i, at)
		}
	}
	return b.String()
}

// plantedCall returns what Claude Code hands to a hook of a call with many secrets.
func plantedCall(all []secrets.Secret) string {
	var texts []string
	for _, s := range all {
		texts = append(texts, s.Text)
	}
	call, _ := json.Marshal(map[string]any{
		"session_id": texts[0], "transcript_path": "/x", "cwd": texts[1], "hook_event_name": "PreToolUse", "tool_name": texts[2],
		"tool_input": map[string]any{"command": texts[3], "env": texts, texts[4]: 1},
	})
	return string(call)
}
