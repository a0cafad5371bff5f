package cmd_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"auditctl/cmd"
)

// The examples in the help of every command run, with status 0. Scripts stand in for the
// agent and other programs that they name; commands that follow a file are ended; the
// receiver and the NATS server have other ports.
func TestHelpExamples(t *testing.T) {
	t.Parallel()
	session := readFile(t, "../testdata/session.jsonl")
	r := newReceiver(http.StatusOK)
	t.Cleanup(func() {
		r.Close()
		if got := r.got(); !strings.Contains(got, session) {
			t.Errorf("the receiver got only %d bytes", len(got))
		}
	})
	node := startNATS(t)
	run(strings.NewReader(session), "tee", "-q", node.url("AUDIT"))
	for _, c := range commands() {
		command, examples := c.CommandPath(), c.Example
		if examples == "" {
			t.Errorf("%s has no example", command)
			continue
		}
		examples = strings.ReplaceAll(examples, "otlp+http://localhost:4318", r.url())
		examples = strings.ReplaceAll(examples, "nats://localhost/AUDIT", node.url("AUDIT"))
		examples = strings.ReplaceAll(examples, "otlp+http://127.0.0.1:4318", "otlp+http://127.0.0.1:0")
		examples = following.ReplaceAllString(examples, "$0 & sleep 1; kill $$!; wait $$! || test $$? = 143")
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, sub := range []string{"bin", ".zfunc", ".config/fish/completions", ".local/share/bash-completion/completions"} {
				if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			writeFile(t, filepath.Join(dir, "audit.jsonl"), session)
			for name, script := range map[string]string{
				"agent": "auditctl example", "consumer": "cat > /dev/null",
				"Out-String": "cat > /dev/null", "Invoke-Expression": "true",
			} {
				if err := os.WriteFile(filepath.Join(dir, "bin", name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			sh := exec.Command("sh", "-e", "-c", examples)
			sh.Dir = dir
			sh.Env = environment("HOME="+dir, "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
			sh.WaitDelay = patience
			if out, err := sh.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// following matches examples that do not end.
var following = regexp.MustCompile(`(?m)^ *auditctl ((cat|stats) -f .*|.*otlp\+http://127\.0\.0\.1:0.*)$`)

// commands returns all commands.
func commands() []*cobra.Command { return below(cmd.Tree()) }

func below(c *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{c}
	for _, sub := range c.Commands() {
		all = append(all, below(sub)...)
	}
	return all
}
