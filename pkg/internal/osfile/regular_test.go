package osfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"auditctl/pkg/internal/osfile"
)

func TestRenameNew(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first, second := write("first", "1"), write("second", "2")
	if err := osfile.RenameNew(first, second); !errors.Is(err, fs.ErrExist) {
		t.Errorf("renamed over a file: %v", err)
	}
	if text, _ := os.ReadFile(second); string(text) != "2" {
		t.Errorf("the file that was there has %q now", text)
	}
	if err := osfile.RenameNew(first, filepath.Join(dir, "third")); err != nil {
		t.Error(err)
	}
	if err := osfile.RenameNew(first, filepath.Join(dir, "fourth")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("renamed a missing file: %v", err)
	}
}

// A name that is taken is an error, even if a dangling link has it.
func TestCreateNew(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	f, err := osfile.CreateNew(file)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Symlink(filepath.Join(dir, "nowhere"), link); err != nil {
		t.Skip(err)
	}
	for _, path := range []string{file, link} {
		if _, err := osfile.CreateNew(path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("create %s: %v", path, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link was followed: %v", err)
	}
}
