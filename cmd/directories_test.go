//go:build unix

package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A directory that cannot be read is reported, and the rest is read.
func TestDirectoryUnreadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	// Too long a path fails even for root.
	if err := root.MkdirAll(strings.Repeat(strings.Repeat("d", 250)+"/", 17), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "a.jsonl"), lineA)
	writeFile(t, filepath.Join(dir, "e.jsonl"), lineB)
	status, stdout, stderr := run(nil, "filter", dir)
	if status != 2 || stdout != lineA+lineB {
		t.Errorf("status %d, %q", status, stdout)
	}
	if strings.Count(stderr, "\n") != 1 || !strings.HasSuffix(stderr, "dd: file name too long\n") {
		t.Errorf("reported %q", stderr)
	}
	os.Remove(filepath.Join(dir, "a.jsonl"))
	os.Remove(filepath.Join(dir, "e.jsonl"))
	status, stdout, stderr = run(nil, "filter", "-c", dir)
	if status != 2 || stdout != "" || !strings.HasSuffix(stderr, "dd: file name too long\n") {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// Names of files are escaped in messages.
func TestDirectoryNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "\n\x1b[31m\u202e.jsonl"), "x\n"+lineA)
	status, stdout, stderr := run(nil, "filter", dir)
	want := "auditctl: " + dir + `/\n\x1b[31m\u202e.jsonl:1:1: not a JSON object` + "\n"
	if status != 3 || stdout != lineA || stderr != want {
		t.Errorf("status %d, %q, %q, want %q", status, stdout, stderr, want)
	}
}
