//go:build unix

package osfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"auditctl/pkg/internal/osfile"
)

// Only regular files are opened, and opening never waits.
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
	d := openDir(t, dir)
	for _, name := range []string{"fifo", "."} {
		if _, err := d.Open(name, os.O_RDONLY); !errors.Is(err, osfile.ErrNotRegular) {
			t.Errorf("open %s in %s: %v", name, dir, err)
		}
	}
	if _, err := d.Open("fifo/file", os.O_RDONLY); !errors.Is(err, osfile.ErrNotDirectory) {
		t.Errorf("open a file in %s: %v", fifo, err)
	}
	if _, err := osfile.OpenDir(fifo); !errors.Is(err, osfile.ErrNotDirectory) {
		t.Errorf("open %s as a directory: %v", fifo, err)
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

// A directory that others may change is an error, and the check leaves nothing in it.
func TestCheckPrivate(t *testing.T) {
	for _, c := range []struct {
		mode  os.FileMode
		owner int
		want  string
	}{
		{0o700, -1, ""},
		{0o755, -1, ""},
		{0o775, -1, "has mode 0775, so others may change what is in it: take that away with chmod go-w"},
		{0o1777, -1, "has mode 0777"},
		{0o700, 12345, "belongs to another user, with id 12345, who may change what is in it"},
	} {
		path := filepath.Join(t.TempDir(), "dir")
		if err := errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, c.mode)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, c.owner, -1); err != nil {
			t.Logf("cannot try owner %d: %v", c.owner, err)
			continue
		}
		d := openDir(t, path)
		err := d.CheckPrivate(0o022)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("mode %o, owner %d: %v; want %q", c.mode, c.owner, err, c.want)
		}
		if left, err := os.ReadDir(path); err != nil || len(left) > 0 {
			t.Errorf("left in it: %v, %v", left, err)
		}
	}
}
