//go:build unix

package spool_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Links and FIFOs in a spool are neither followed nor waited for.
func TestFiles(t *testing.T) {
	t.Parallel()
	link := func(t *testing.T, path, target string) {
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
	}
	fifo := func(t *testing.T, path, _ string) {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, file string
		make       func(t *testing.T, path, target string)
		want       string
	}{
		{"lock, a link", "lock", link, "lock"},
		{"lock, a FIFO", "lock", fifo, "lock: it is not a regular file"},
		{"position, a link", "position", link, "position"},
		{"position, a FIFO", "position", fifo, "position: it is not a regular file"},
		{"a segment, a link", "00000001.spool", link, "00000001.spool"},
		{"a segment, a FIFO", "00000001.spool", fifo, "00000001.spool: it is not a regular file"},
		{"a new position, a link", "position.new", link, ""},
		{"a new position, a FIFO", "position.new", fifo, ""},
		{"too long, a link", "too-long.jsonl", link, "too-long.jsonl"},
		{"too long, a FIFO", "too-long.jsonl", fifo, "too-long.jsonl: it is not a regular file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
			if err := os.WriteFile(target, []byte("kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			test.make(t, filepath.Join(dir, test.file), target)
			_, err := run(t, dir, &stream{longest: 100}, messagesOf("{}", strings.Repeat("x", 101))...)
			want := test.want
			if want == "" {
				want = "lines too long for the stream: 1"
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
			if kept, err := os.ReadFile(target); err != nil || string(kept) != "kept" {
				t.Errorf("the target of the link is %q: %v", kept, err)
			}
		})
	}
}

// A directory that others may change cannot be a spool.
func TestNotPrivate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode os.FileMode
		uid  int
		want string
	}{
		{0o700, -1, ""},
		{0o775, -1, ""},
		{0o777, -1, "so others may change what is in it: take that away with chmod o-w, or use another directory"},
		{0o777 | os.ModeSticky, -1, "so others may change what is in it: take that away with chmod o-w, or use another directory"},
		{0o700, 65534, "belongs to another user, with id 65534, who may change what is in it"},
	} {
		dir := t.TempDir()
		if err := os.Chmod(dir, test.mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, test.uid, -1); err != nil {
			continue // only root may
		}
		_, err := run(t, dir, new(stream), messagesOf("{}")...)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%v: %v, want %q", test.mode, err, test.want)
		}
	}
}
