package cmd_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	for _, command := range commands(t, "") {
		_, help, _ := run(strings.NewReader(""), append(strings.Fields(command), "--help")...)
		_, examples, _ := strings.Cut(help, "\nExamples:\n")
		examples, _, _ = strings.Cut(examples, "\n\nFlags:\n")
		examples, _, _ = strings.Cut(examples, "\n\nAvailable Commands:\n")
		if examples == "" {
			t.Errorf("%s has no example", command)
			continue
		}
		examples = strings.ReplaceAll(examples, "otlp+http://localhost:4318", r.url())
		examples = strings.ReplaceAll(examples, "nats://localhost/AUDIT", node.url("AUDIT"))
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
				"agent": "auditctl example", "consumer": "cat > /dev/null", "less": "cat > /dev/null",
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
var following = regexp.MustCompile(`(?m)^ *auditctl cat -f .*$`)

// commands returns the subcommands of a command, and theirs.
func commands(t *testing.T, parent string) (all []string) {
	_, help, _ := run(strings.NewReader(""), append(strings.Fields(parent), "--help")...)
	_, list, _ := strings.Cut(help, "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	for _, name := range regexp.MustCompile(`(?m)^  (\S+)`).FindAllStringSubmatch(list, -1) {
		if name[1] == "help" {
			continue
		}
		command := strings.TrimSpace(parent + " " + name[1])
		all = append(append(all, command), commands(t, command)...)
	}
	return all
}
