package cmd_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/cmd"
)

// With --seal-every lines are sealed while tee waits for more.
func TestSealEvery(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, log := filepath.Join(dir, "audit.key"), filepath.Join(dir, "audit.jsonl")
	if status, _, err := run(strings.NewReader(""), "keygen", "example.com/audit", "-o", key); status != 0 {
		t.Fatal(err)
	}
	in, lines := io.Pipe()
	status := make(chan int)
	go func() {
		var out bytes.Buffer
		status <- cmd.Run(t.Context(), []string{"tee", "-q", "--seal", key, "--seal-every", "5ms", log}, cmd.Streams{In: in, Out: &out, Err: &out})
	}()
	for _, want := range []string{"line 1 ", "line 2 ", "line 3 "} {
		if _, err := io.WriteString(lines, `{"event_type": "base"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		for sealed := ""; !strings.Contains(sealed, "sealed up to "+want); {
			_, sealed, _ = run(strings.NewReader(""), "verify", log)
		}
	}
	lines.Close()
	if s := <-status; s != 0 {
		t.Errorf("status %d", s)
	}
	if _, err := os.Stat(log + ".tlog/checkpoints"); err != nil {
		t.Error(err)
	}
}

// It is reported if a line that another program began in a destination is not sealed.
func TestSealUnfinished(t *testing.T) {
	dir := t.TempDir()
	key, log := filepath.Join(dir, "audit.key"), filepath.Join(dir, "audit.jsonl")
	if status, _, err := run(strings.NewReader(""), "keygen", "example.com/audit", "-o", key); status != 0 {
		t.Fatal(err)
	}
	in, lines := io.Pipe()
	said := make(chan string)
	go func() {
		_, _, err := run(in, "tee", "-q", "--seal", key, log)
		said <- err
	}()
	if _, err := io.WriteString(lines, lineA); err != nil {
		t.Fatal(err)
	}
	for text := ""; !strings.Contains(text, lineA); {
		data, _ := os.ReadFile(log)
		text = string(data)
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	f.WriteString("unfinished")
	f.Close()
	lines.Close()
	want := "auditctl: " + log + ": the last line has no line feed, so it may still be written: it is not sealed yet\n"
	if got := <-said; got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
