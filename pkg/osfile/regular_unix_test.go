//go:build unix

package osfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"auditctl/pkg/osfile"
)

// Nothing but a regular file is opened, and no open waits.
func TestOpenRegular(t *testing.T) {
	dir := t.TempDir()
	file, fifo, link := filepath.Join(dir, "file"), filepath.Join(dir, "fifo"), filepath.Join(dir, "link")
	f, err := osfile.OpenRegular(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := errors.Join(unix.Mkfifo(fifo, 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{fifo, dir, "/dev/null"} {
		if _, err := osfile.OpenRegular(path, os.O_RDONLY, 0); !errors.Is(err, osfile.ErrNotRegular) {
			t.Errorf("open %s: %v", path, err)
		}
	}
	if _, err := osfile.OpenRegular(fifo, os.O_WRONLY, 0); !errors.Is(err, osfile.ErrNotRegular) {
		t.Errorf("open %s to write: %v", fifo, err)
	}
	if f, err := osfile.OpenRegular(link, os.O_RDONLY, 0); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
	if _, err := osfile.OpenRegular(link, os.O_RDONLY|osfile.NoFollow, 0); err == nil {
		t.Error("a link was followed")
	}
}

func TestResemble(t *testing.T) {
	dir := t.TempDir()
	like := filepath.Join(dir, "like")
	if err := os.WriteFile(like, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(like, 0o640); err != nil {
		t.Fatal(err)
	}
	st, err := os.Stat(like)
	if err != nil {
		t.Fatal(err)
	}
	f, err := osfile.CreateNew(filepath.Join(dir, "new"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := osfile.Resemble(f, st); err != nil {
		t.Fatal(err)
	}
	if now, err := f.Stat(); err != nil || now.Mode() != st.Mode() {
		t.Errorf("mode %v, %v: want %v", now.Mode(), err, st.Mode())
	}
}
