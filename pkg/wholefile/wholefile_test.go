package wholefile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"auditctl/pkg/wholefile"
)

func writing(text string, err error) func(io.Writer) error {
	return func(w io.Writer) error {
		io.WriteString(w, text)
		return err
	}
}

// check fails the test unless a directory has just these files, by name.
func check(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want[entry.Name()] {
			t.Errorf("%s is %q, want %q", entry.Name(), text, want[entry.Name()])
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
}

// A file is created once, whole or not at all.
func TestCreate(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	failure := errors.New("failure")
	if err := wholefile.Create(path, writing("half", failure)); err != failure {
		t.Errorf("have %v, want %v", err, failure)
	}
	check(t, dir, nil)
	if err := wholefile.Create(path, writing("one", nil)); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Create(path, writing("two", nil)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	taken := filepath.Join(dir, "b") // while it is written
	err := wholefile.Create(taken, func(w io.Writer) error { return os.WriteFile(taken, []byte("other"), 0o600) })
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("created over another: %v", err)
	}
	check(t, dir, map[string]string{"a": "one", "b": "other"})
}

// A file is replaced at once, or stays.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(t.TempDir(), "link")
	if err := wholefile.Replace(path, writing("one", nil)); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("failure")
	if err := wholefile.Replace(path, writing("half", failure)); err != failure {
		t.Errorf("have %v, want %v", err, failure)
	}
	check(t, dir, map[string]string{"a": "one"})
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err) // Windows may not allow it
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := wholefile.Replace(link, writing("two", nil)); err != nil {
		t.Fatal(err)
	}
	check(t, dir, map[string]string{"a": "two"})
	if st, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && st.Mode() != 0o640 {
		t.Errorf("it has mode %v, %v", st.Mode(), err)
	}
	if err := wholefile.Replace(dir, writing("three", nil)); err == nil {
		t.Error("a directory was replaced")
	}
}

// Errors name the file, and not what it is called until it is whole.
func TestErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "a")
	var err *fs.PathError
	if !errors.As(wholefile.Create(path, writing("", nil)), &err) || err.Path != path {
		t.Errorf("%v, want it to name %s", err, path)
	}
}
