//go:build unix

package spool_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/spool"
)

// What somebody else put into the spool is neither followed, waited for, changed nor
// deleted, and does not keep lines from being delivered.
func TestHostile(t *testing.T) {
	t.Parallel()
	text := func(text string) func(path, target string) error {
		return func(path, _ string) error { return os.WriteFile(path, []byte(text), 0o600) }
	}
	link := func(path, target string) error { return os.Symlink(target, path) }
	fifo := func(path, _ string) error { return syscall.Mkfifo(path, 0o600) }
	dir := func(path, _ string) error { return os.Mkdir(path, 0o700) }
	for _, test := range []struct {
		name, file string // with HASH
		make       func(path, target string) error
		warned     string // with HASH
		left       string
	}{
		{"a link", "to-HASH.00000001", link, "to-HASH.00000001: it is not a regular file: it is skipped", "to-HASH.00000001"},
		{"a FIFO", "to-HASH.00000001", fifo, "to-HASH.00000001: it is not a regular file: it is skipped", "to-HASH.00000001"},
		{"a directory", "to-HASH.00000001", dir, "to-HASH.00000001: it is not a regular file: it is skipped", "to-HASH.00000001"},
		{"a foreign file", "to-HASH.00000001", text("kept\n"), "to-HASH.00000001 has something else than waiting lines in it: it is to-HASH.00000001.damaged now", "to-HASH.00000001.damaged"},
		{"zeros", "to-HASH.00000001", text("+0\n\x00\x00\n"), "to-HASH.00000001 has something else than waiting lines in it: it is to-HASH.00000001.damaged now", "to-HASH.00000001.damaged"},
		{"another name", "to-HASH.1", text("+1\n"), "", "to-HASH.1"},
		{"a name that cannot be read", "to-HASH.\xff\n\x1b", text("+1\n"), "", "to-HASH.\xff\n\x1b"},
		{"a torn line", "to-HASH.00000001", text("+1"), "", ""},
		{"a torn line after another", "to-HASH.00000001", text("+0\n+x"), "", ""},
		{"an empty file", "to-HASH.00000001", text(""), "", ""},
		{"another kind of spool", "00000001.spool", text("- id {}\n"), "", "00000001.spool"},
		{"its position", "position", text("{}\n"), "", "position"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			const hash = "18ac3e7343f01689" // printf d | sha256sum
			in, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
			if err := errors.Join(os.WriteFile(target, []byte("kept\n"), 0o600), test.make(filepath.Join(in, strings.ReplaceAll(test.file, "HASH", hash)), target)); err != nil {
				t.Skip(err)
			}
			var warned []string
			s, err := spool.Open(in, func(format string, args ...any) { warned = append(warned, fmt.Sprintf(format, args...)) })
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			q := s.Queue("d", "d")
			var d destination
			d.send(t, q, "1\n")
			d.room = unlimited
			d.send(t, q, "2\n")
			if got := strings.TrimPrefix(d.took.String(), "0\n"); got != "1\n2\n" {
				t.Errorf("took %q", got)
			}
			if got := strings.ReplaceAll(strings.ReplaceAll(strings.Join(slices.Compact(warned), "; "), hash, "HASH"), in+"/", ""); strings.TrimPrefix(got, "open ") != test.warned {
				t.Errorf("warned %q, want %q", got, test.warned)
			}
			if left := strings.ReplaceAll(test.left, "HASH", hash); left != "" && !slices.Contains(files(t, in), left) {
				t.Errorf("there is no %q in %q", left, files(t, in))
			}
			if kept, err := os.ReadFile(target); err != nil || string(kept) != "kept\n" {
				t.Errorf("the target of the link has %q, %v", kept, err)
			}
		})
	}
}

// A lock that is a link or a FIFO is an error, and so is a directory that others may change.
func TestNotUsable(t *testing.T) {
	t.Parallel()
	shared := t.TempDir()
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.Open(shared, nil); err == nil || !strings.Contains(err.Error(), "so others may change what is in it: take that away with chmod o-w, or use another directory") {
		t.Errorf("a directory that others may change: %v", err)
	}
	if _, err := spool.OpenExisting(filepath.Join(shared, "none"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
	for _, suffix := range []string{"", ".delivering"} {
		dir, target := t.TempDir(), filepath.Join(t.TempDir(), "target")
		s := open(t, dir)
		q := s.Queue("d", "d")
		var d destination
		if suffix != "" {
			d.send(t, q, "1\n")
		}
		if err := errors.Join(os.WriteFile(target, []byte("kept"), 0o600), os.Symlink(target, filepath.Join(dir, "to-18ac3e7343f01689"+suffix))); err != nil {
			t.Fatal(err)
		}
		kept, err := q.Send(t.Context(), []byte("2\n"), &d)
		if err == nil {
			err = kept
		}
		if err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
			t.Errorf("%q is a link: %v", suffix, err)
		}
		if text, err := os.ReadFile(target); err != nil || string(text) != "kept" {
			t.Errorf("%q: the target of the link has %q, %v", suffix, text, err)
		}
	}
}
