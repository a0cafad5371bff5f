package openfiles_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/openfiles"
)

// open opens files of which each has lines with its number.
func open(t *testing.T, p *openfiles.Pool, n int) (files []*openfiles.File) {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, []byte(content(i)), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := p.Open(path, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		files = append(files, f)
	}
	return files
}

func content(i int) string { return strings.Repeat(fmt.Sprintf("%d\n", i), 100) }

// However many files are read in turn, each returns its own bytes, and no more are open
// than may be.
func TestReadInTurn(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 2, 7, 100} {
		p := openfiles.NewPool(most)
		files := open(t, p, 20)
		have := make([]strings.Builder, len(files))
		buf := make([]byte, 7)
		for left := len(files); left > 0; {
			left = len(files)
			for i, f := range files {
				n, err := f.Read(buf)
				have[i].Write(buf[:n])
				if err == io.EOF {
					left--
				} else if err != nil {
					t.Fatal(err)
				}
				if p.OpenNow() > most {
					t.Fatalf("%d files are open, %d may be", p.OpenNow(), most)
				}
			}
		}
		for i := range files {
			if have[i].String() != content(i) {
				t.Errorf("file %d: %q", i, have[i].String())
			}
			files[i].Close()
		}
		if p.OpenNow() != 0 {
			t.Errorf("%d files are still open", p.OpenNow())
		}
	}
}

// Files may be used by as many goroutines as there are files.
func TestReadAtOnce(t *testing.T) {
	t.Parallel()
	p := openfiles.NewPool(3)
	var all sync.WaitGroup
	for i, f := range open(t, p, 30) {
		all.Go(func() {
			for range 20 {
				f.Seek(0, io.SeekStart)
				have, err := io.ReadAll(f)
				if err != nil || string(have) != content(i) {
					t.Errorf("file %d: %q, %v", i, have, err)
				}
				if p.OpenNow() > 3 {
					t.Errorf("%d files are open", p.OpenNow())
				}
			}
		})
	}
	all.Wait()
}

// A file that was closed is opened again only if it is the same.
func TestReplaced(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(path string) error
		want   error
	}{
		"unchanged": {func(string) error { return nil }, nil},
		"appended":  {func(path string) error { return os.WriteFile(path, []byte(content(0)+"more\n"), 0o600) }, nil},
		"deleted":   {os.Remove, os.ErrNotExist},
		"replaced": {func(path string) error {
			return errors.Join(os.WriteFile(path+".new", []byte(content(0)), 0o600), os.Rename(path+".new", path))
		}, openfiles.ErrReplaced},
		"rewritten": {func(path string) error { return os.WriteFile(path, []byte(content(5)), 0o600) }, openfiles.ErrReplaced},
		"truncated": {func(path string) error { return os.Truncate(path, 1) }, openfiles.ErrReplaced},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := openfiles.NewPool(1)
			files := open(t, p, 2)
			f, buf := files[0], make([]byte, 10)
			if _, err := io.ReadFull(f, buf); err != nil {
				t.Fatal(err)
			}
			files[1].Read(buf) // closes the first
			if err := test.change(f.Path()); err != nil {
				t.Fatal(err)
			}
			n, err := f.Read(buf)
			if !errors.Is(err, test.want) || err != nil && n > 0 {
				t.Errorf("%d bytes, %v, want %v", n, err, test.want)
			}
			if _, err := files[1].Read(buf); err != nil {
				t.Errorf("the other file: %v", err)
			}
		})
	}
}

// A file that was moved is found at its new path. Stat does not open it.
func TestMoved(t *testing.T) {
	t.Parallel()
	p := openfiles.NewPool(1)
	files := open(t, p, 2)
	f := files[0]
	if st, err := f.Stat(); err != nil || st.Size() != int64(len(content(0))) {
		t.Errorf("%v, %v", st, err)
	}
	if err := os.Rename(f.Path(), f.Path()+".1"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Stat(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want that it is not there", err)
	}
	f.Moved(f.Path() + ".1")
	if st, err := f.Stat(); err != nil || st.Size() != int64(len(content(0))) {
		t.Errorf("%v, %v", st, err)
	}
	if have, err := io.ReadAll(f); string(have) != content(0) || err != nil {
		t.Errorf("%q, %v", have, err)
	}
}

// Files that are not regular stay open, and do not count.
func TestFixed(t *testing.T) {
	t.Parallel()
	p := openfiles.NewPool(1)
	null, err := p.Open(os.DevNull, 0)
	if err != nil || null.Fixed() == nil {
		t.Fatalf("%v, %v", null, err)
	}
	defer null.Close()
	files := open(t, p, 2)
	files[0].Read(make([]byte, 1))
	if n, err := null.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := p.Open(filepath.Join(t.TempDir(), "none"), 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
