package repair_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/repair"
)

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names returns what is in the directory of a path.
func names(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func writing(text string, damaged bool, err error) func(*os.File) (bool, error) {
	return func(to *os.File) (bool, error) {
		to.WriteString(text)
		return damaged, err
	}
}

// A log that is damaged is replaced, with its mode, and stays under another name; by a
// symbolic link it is found where it is.
func TestInPlace(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "a"), filepath.Join(dir, "link")
	writeFile(t, path, "old\n")
	if err := errors.Join(os.Chmod(path, 0o640), os.Symlink("a", link)); err != nil {
		t.Skip(err)
	}
	like, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path+".repairing", "left by one that was killed")
	backup, err := repair.InPlace(link, writing("new\n", true, nil))
	if err != nil || !strings.HasSuffix(backup, "a.bak") {
		t.Errorf("%q, %v", backup, err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode() != like.Mode() {
		t.Errorf("%v, %v; want mode %v", st.Mode(), err, like.Mode())
	}
	if now, was := read(t, path), read(t, path+".bak"); now != "new\n" || was != "old\n" {
		t.Errorf("it holds %q, and the old one %q", now, was)
	}
	if got, want := names(t, path), []string{"a", "a.bak", "link"}; !slices.Equal(got, want) {
		t.Errorf("there are %q", got)
	}
}

// A process that was killed before the new file took the place of the log leaves the log
// with both names. The next one goes on from there.
func TestInPlaceAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	writeFile(t, path, "old\n")
	writeFile(t, path+".repairing", "new\n")
	if err := os.Link(path, path+".bak"); err != nil {
		t.Skip(err)
	}
	backup, err := repair.InPlace(path, writing("new\n", true, nil))
	if now, was := read(t, path), read(t, path+".bak"); err != nil || backup == "" || now != "new\n" || was != "old\n" {
		t.Errorf("%q, %v; it holds %q, and the old one %q", backup, err, now, was)
	}
}

// A log stays as it is, and nothing is left beside it, where it is not damaged, cannot
// be repaired, or its old form has no name to keep.
func TestNotInPlace(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		text, before string // of the log, and of one that was kept before
		write        func(*os.File) (bool, error)
		is           error
		err          string
	}{
		"not damaged": {"old\n", "", writing("old\n", false, nil), nil, ""},
		"an error":    {"old\n", "", writing("new\n", true, broken), broken, "broken"},
		"kept before": {"old\n", "older\n", writing("new\n", true, nil), nil, "a.bak is there already: move it away"},
		"compressed":  {"\x1f\x8b\x08", "", writing("new\n", true, nil), repair.ErrCompressed, "it is compressed"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a")
			writeFile(t, path, test.text)
			want := []string{"a"}
			if test.before != "" {
				writeFile(t, path+".bak", test.before)
				want = append(want, "a.bak")
			}
			backup, err := repair.InPlace(path, test.write)
			if backup != "" || (err == nil) != (test.err == "") || err != nil && !strings.HasSuffix(err.Error(), test.err) || test.is != nil && !errors.Is(err, test.is) {
				t.Errorf("%q, %v", backup, err)
			}
			if text := read(t, path); text != test.text {
				t.Errorf("it holds %q", text)
			}
			if got := names(t, path); !slices.Equal(got, want) {
				t.Errorf("there are %q", got)
			}
		})
	}
	if _, err := repair.InPlace(filepath.Join(t.TempDir(), "none"), writing("", true, nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// What others append meanwhile waits, and comes into the new file.
func TestInPlaceKeepsOthersWaiting(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no locks here")
	}
	path := filepath.Join(t.TempDir(), "a")
	writeFile(t, path, "{}\n")
	j, err := collector.OpenJSONL(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	_, err = repair.InPlace(path, func(to *os.File) (bool, error) {
		if free, err := osfile.TryLock(log); free || err != nil {
			t.Errorf("the log is not locked: %v", err)
		}
		_, err := to.WriteString("{ }\n")
		return true, err
	})
	if err := errors.Join(err, j.EmitLines([]byte("{\"x\": 1}\n")), j.Close()); err != nil {
		t.Fatal(err)
	}
	if text := read(t, path); text != "{ }\n{\"x\": 1}\n" {
		t.Errorf("it holds %q", text)
	}
}
