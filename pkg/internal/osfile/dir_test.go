package osfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/internal/osfile"
)

func openDir(t *testing.T, path string) *osfile.Dir {
	t.Helper()
	d, err := osfile.OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func put(t *testing.T, d *osfile.Dir, name, text string) {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	f.Close()
}

// A Dir stays the same directory when its path comes to name another one, and links
// that lead out of it are not followed.
func TestDirStays(t *testing.T) {
	above := t.TempDir()
	path, other := filepath.Join(above, "dir"), filepath.Join(above, "other")
	for _, dir := range []string{path, other} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d := openDir(t, path)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Skip(err) // Windows cannot rename an open directory
	}
	if err := os.Symlink(other, path); err != nil {
		t.Fatal(err)
	}
	if err := d.MkdirAll("a/b"); err != nil {
		t.Fatal(err)
	}
	put(t, d, "a/b/new", "text")
	if err := d.Rename("a/b/new", "named"); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(path+".moved", "a", "b", "named")); err != nil || string(text) != "text" {
		t.Errorf("%s, %v", text, err)
	}
	if left, err := os.ReadDir(other); err != nil || len(left) > 0 {
		t.Errorf("the link was followed: %v, %v", left, err)
	}
	if _, err := osfile.OpenDir(path); !errors.Is(err, osfile.ErrNotDirectory) {
		t.Errorf("open a link to a directory: %v", err)
	}
	if err := os.Symlink(filepath.Join(above, "outside"), filepath.Join(path+".moved", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("link"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create by a link: %v", err)
	}
	if _, err := d.Open("link", os.O_RDWR|os.O_CREATE); !errors.Is(err, osfile.ErrNotRegular) {
		t.Errorf("open a link that leads out: %v", err)
	}
	if err := os.Symlink(other, filepath.Join(path+".moved", "a", "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create("a/link/file"); !errors.Is(err, osfile.ErrNotDirectory) {
		t.Errorf("create in a directory that a link leads to: %v", err)
	}
	if _, err := os.Lstat(filepath.Join(above, "outside")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made outside: %v", err)
	}
}

// More directories than are kept open can be used at once, and one that was removed can
// be recreated.
func TestDirBelow(t *testing.T) {
	d := openDir(t, t.TempDir())
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			dir := fmt.Sprintf("x/%d", i)
			for range 2 {
				if err := d.MkdirAll(dir); err != nil {
					t.Error(err)
					return
				}
				f, err := d.Create(dir + "/file")
				if err != nil {
					t.Error(err)
					return
				}
				f.Close()
				if err := errors.Join(d.Sync(dir), d.Remove(dir+"/file"), d.RemoveAll(dir)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	_, err := d.Open("x/1/file", os.O_RDONLY)
	if want := filepath.Join(d.Path(), "x", "1", "file"); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) {
		t.Errorf("open a missing file: %v, want it to name %s", err, want)
	}
	seen := 0
	count := func(fs.DirEntry) error { seen++; return nil }
	if err := d.MkdirAll("x/y/z"); err != nil {
		t.Fatal(err)
	}
	err = d.ReadDir("x", func(fs.DirEntry) error { return errors.Join(count(nil), d.ReadDir("x/y", count)) })
	if err != nil || seen != 2 {
		t.Errorf("%d entries, %v", seen, err)
	}
}
