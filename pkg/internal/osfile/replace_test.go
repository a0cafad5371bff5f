package osfile_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/internal/osfile"
)

func writing(text string) func(osfile.File) error {
	return func(f osfile.File) error {
		_, err := f.Write([]byte(text))
		return err
	}
}

// Whenever the machine crashes, the old or the new file is there, complete, and the new
// one once Replace has returned.
func TestReplaceSurvivesCrashes(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, "a"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	disk := crashtest.New(map[string]string{"a": "old"})
	d := crashtest.Dir{Dir: openDir(t, path), Disk: disk, Name: "."}
	if err := osfile.Replace(d, "a", ".new", writing("new text")); err != nil {
		t.Fatal(err)
	}
	done, states := disk.Mark(), 0
	for crash := range disk.Crashes() {
		states++
		if text := crash.Files["a"]; text != "new text" && (text != "old" || crash.After == done) {
			t.Errorf("%s: the file holds %q", crash.What, text)
		}
	}
	if states < 3 {
		t.Errorf("only %d states", states)
	}
}

// A leftover with the temporary name is replaced, not followed, and nothing is left after
// an error.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(at("kept"), []byte("kept"), 0o600), os.Symlink("kept", at("a.new"))); err != nil {
		t.Skip(err)
	}
	in := openDir(t, dir)
	broken := errors.New("broken")
	for name, replace := range map[string]func(write func(osfile.File) error) error{
		"in a directory": func(write func(osfile.File) error) error { return osfile.Replace(in, "a", ".new", write) },
		"by its path": func(write func(osfile.File) error) error {
			return osfile.ReplaceFile(at("a"), ".new", func(f *os.File) error { return write(f) })
		},
	} {
		if err := replace(writing(name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := replace(func(osfile.File) error { return broken }); err != broken {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(at("a")); err != nil || string(text) != name {
			t.Errorf("%s: the file holds %q, %v", name, text, err)
		}
	}
	if text, err := os.ReadFile(at("kept")); err != nil || string(text) != "kept" {
		t.Errorf("a link was followed: %q, %v", text, err)
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if want := []string{"a", "kept"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("there are %q, %v", names, err)
	}
}

// If a file is replaced while its lock is awaited, the new one is locked.
func TestOpenLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	opens := 0
	f, err := osfile.OpenLocked(path, func() (*os.File, error) {
		opens++
		f, err := os.Create(path)
		if opens == 1 {
			err = errors.Join(err, os.Rename(path, path+".1"), os.WriteFile(path, nil, 0o600))
		}
		return f, err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if opens != 2 || !osfile.LeadsTo(path, f) {
		t.Errorf("opened %d times", opens)
	}
}

// A lock is waited for until a context is done.
func TestLockContext(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var files [2]*os.File
		for i := range files {
			f, err := osfile.OpenRegular(filepath.Join(dir, "a"), os.O_RDWR|os.O_CREATE, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			files[i] = f
		}
		if err := osfile.LockContext(t.Context(), files[0]); err != nil {
			t.Fatal(err)
		}
		late := errors.New("late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, late)
		defer cancel()
		if err := osfile.LockContext(ctx, files[1]); err != late {
			t.Errorf("locked by another: %v", err)
		}
		unlocked := make(chan struct{})
		time.AfterFunc(time.Second, func() {
			osfile.Unlock(files[0])
			close(unlocked)
		})
		if err := osfile.LockContext(t.Context(), files[1]); err != nil {
			t.Errorf("unlocked meanwhile: %v", err)
		}
		<-unlocked
	})
}
