package collector_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/logtest"
)

// readRotated returns the content of a log and its rotated files, oldest first.
func readRotated(t testing.TB, path string) string {
	t.Helper()
	text := ""
	for n := 1; ; n++ {
		older := ""
		found := false
		for _, suffix := range []string{"", ".gz", ".zst"} {
			if _, err := os.Stat(fmt.Sprintf("%s.%d%s", path, n, suffix)); err == nil {
				older, found = readDecompressed(t, fmt.Sprintf("%s.%d%s", path, n, suffix)), true
			}
		}
		if !found {
			break
		}
		text = older + text
	}
	if _, err := os.Stat(path); err != nil {
		return text
	}
	return text + readDecompressed(t, path)
}

// readDecompressed returns the content of a file, decompressed if necessary.
func readDecompressed(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var magic [4]byte
	io.ReadFull(f, magic[:])
	f.Seek(0, io.SeekStart)
	var r io.Reader = f
	switch {
	case string(magic[:2]) == "\x1f\x8b":
		r, err = gzip.NewReader(f)
	case string(magic[:]) == "\x28\xb5\x2f\xfd":
		r, err = zstd.NewReader(f)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return string(text)
}

func names(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	slices.Sort(all)
	return all
}

func TestRotateBySize(t *testing.T) {
	line := sized(99) + "\n" // a hundred bytes
	for _, test := range []struct {
		name   string
		rotate collector.Rotation
		want   []string
		kept   int // lines
	}{
		{"by size", collector.Rotation{Size: 350}, []string{"a", "a.1", "a.2", "a.3"}, 10},
		{"just fits", collector.Rotation{Size: 500}, []string{"a", "a.1"}, 10},
		{"keeps some", collector.Rotation{Size: 200, Keep: 2}, []string{"a", "a.1", "a.2"}, 6},
		{"a line is larger", collector.Rotation{Size: 50, Keep: 1}, []string{"a", "a.1"}, 2},
		{"gzip", collector.Rotation{Size: 350, Compress: ".gz"}, []string{"a", "a.1.gz", "a.2.gz", "a.3.gz"}, 10},
		{"zstd", collector.Rotation{Size: 350, Keep: 1, Compress: ".zst"}, []string{"a", "a.1.zst"}, 4},
		{"not due", collector.Rotation{Size: 1001, Every: time.Hour}, []string{"a"}, 10},
	} {
		for _, lines := range []int{1, 10} { // at once
			t.Run(fmt.Sprintf("%s, %d at once", test.name, lines), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "a")
				j := open(t, path, &collector.JSONLOptions{Rotate: test.rotate})
				for range 10 / lines {
					emitLines(t, j, strings.Repeat(line, lines))
					flush(t, j)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				if got := names(t, filepath.Dir(path)); !slices.Equal(got, test.want) {
					t.Errorf("there are %q, want %q", got, test.want)
				}
				if got := readRotated(t, path); got != strings.Repeat(line, test.kept) {
					t.Errorf("%d bytes are kept, want %d lines", len(got), test.kept)
				}
				if st, err := os.Stat(path); err != nil || st.Size() > max(test.rotate.Size, 100) {
					t.Errorf("the file has %d bytes", st.Size())
				}
			})
		}
	}
}

func TestRotateByAge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Every: 1}})
	for n := range 3 {
		emit(t, j, numbered("x", n))
		flush(t, j)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// When the first line comes, the file is old enough but empty, so not rotated.
	if got, want := names(t, filepath.Dir(path)), []string{"a", "a.1", "a.2"}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
}

// A rotation that a killed process left unfinished is completed.
func TestRotateAfterAKill(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for name, text := range map[string]string{
		"a": "{}\n", "a.1": "[1]\n", "a.2": "[2]\n", "a.4": "[4]\n", "a.compressing": "half",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3, Compress: ".gz"}})
	emitLines(t, j, "{ }\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	// The numbers up to the gap were raised; the file after it was not replaced.
	if got, want := names(t, dir), []string{"a", "a.1.gz", "a.2.gz", "a.3.gz", "a.4.gz"}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	if got, want := readRotated(t, path), "[4]\n[2]\n[1]\n{}\n{ }\n"; got != want {
		t.Errorf("they hold %q, want %q", got, want)
	}
}

func TestRotateInvalidOptions(t *testing.T) {
	for _, test := range []struct {
		name   string
		rotate collector.Rotation
	}{
		{"a", collector.Rotation{Size: -1}},
		{"a", collector.Rotation{Every: -1}},
		{"a", collector.Rotation{Keep: -1}},
		{"a", collector.Rotation{Compress: ".rar"}},
		{"a.gz", collector.Rotation{Size: 1, Compress: ".gz"}},
	} {
		if _, err := collector.OpenJSONL(filepath.Join(t.TempDir(), test.name), &collector.JSONLOptions{Rotate: test.rotate}); err == nil {
			t.Errorf("%s: %+v is accepted", test.name, test.rotate)
		}
	}
}

// A file that was moved, deleted or replaced is recreated before the next line, with or
// without Reopen.
func TestFileMoved(t *testing.T) {
	for _, test := range []struct {
		name   string
		move   func(path string) error
		reopen bool
		kept   string // the number of the rotated file with the first line, if any
	}{
		{"renamed", func(path string) error { return os.Rename(path, path+".1") }, false, "1"},
		{"renamed and reopened", func(path string) error { return os.Rename(path, path+".1") }, true, "1"},
		{"deleted", os.Remove, false, ""},
		{"replaced", func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path, path+".1"), os.Rename(path+".new", path))
		}, false, "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a")
			j := open(t, path, nil)
			emitLines(t, j, "1\n")
			flush(t, j)
			if err := test.move(path); err != nil {
				t.Fatal(err)
			}
			if test.reopen {
				if err := j.Reopen(); err != nil {
					t.Fatal(err)
				}
				if got := readFile(t, path); got != "" {
					t.Errorf("the new file holds %q", got)
				}
			}
			emitLines(t, j, "2\n")
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if got := readFile(t, path); got != "2\n" {
				t.Errorf("the new file holds %q", got)
			}
			if test.kept != "" {
				if got := readFile(t, path+".1"); got != "1\n" {
					t.Errorf("the old file holds %q", got)
				}
			}
		})
	}
}

// A compressed file with an incomplete end is set aside, and nothing of it is lost.
func TestCompressedFileThatIsTorn(t *testing.T) {
	for _, suffix := range []string{".gz", ".zst"} {
		t.Run(suffix, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a"+suffix)
			j := open(t, path, nil)
			emitLines(t, j, strings.Repeat(sized(99)+"\n", 100))
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			whole := readFile(t, path)
			for cut := 1; cut < len(whole); cut += 7 {
				if err := os.WriteFile(path, []byte(whole[:len(whole)-cut]), 0o600); err != nil {
					t.Fatal(err)
				}
				var notices []string
				j := open(t, path, &collector.JSONLOptions{Logger: logtest.New(func(text string) { notices = append(notices, text) })})
				emitLines(t, j, "{}\n")
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
				got := readDecompressed(t, path)
				aside, err := os.ReadFile(path + ".torn")
				switch {
				case err == nil && got == "{}\n" && string(aside) == whole[:len(whole)-cut] && len(notices) == 1:
				case err != nil && got == strings.Repeat(sized(99)+"\n", 100)+"{}\n" && len(notices) == 0: // only the mark was torn
				default:
					t.Fatalf("%d bytes fewer: the file holds %d bytes, %d were set aside (%v), notices %q", cut, len(got), len(aside), err, notices)
				}
				os.Remove(path + ".torn")
			}
		})
	}
}

// If the last line of a compressed file lacks its line feed, it gets one, whoever wrote
// it, so that two lines never become one.
func TestCompressedFileWithoutLineFeed(t *testing.T) {
	for _, suffix := range []string{".gz", ".zst"} {
		for _, torn := range []string{"{}", "{}\n{"} {
			path := filepath.Join(t.TempDir(), "a"+suffix)
			var w io.WriteCloser
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			if w = gzip.NewWriter(f); suffix == ".zst" {
				if w, err = zstd.NewWriter(f); err != nil {
					t.Fatal(err)
				}
			}
			io.WriteString(w, torn)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			f.Close()
			j := open(t, path, nil)
			emitLines(t, j, "{ }\n")
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			if got, want := readDecompressed(t, path), torn+"\n{ }\n"; got != want {
				t.Errorf("%s: the file holds %q, want %q", suffix, got, want)
			}
		}
	}
}

// Lines that come in pieces are compressed as well; one that is incomplete at Close is
// removed.
func TestCompressedPieces(t *testing.T) {
	for _, suffix := range []string{"", ".gz", ".zst"} {
		path := filepath.Join(t.TempDir(), "a"+suffix)
		j := open(t, path, nil)
		for _, piece := range []string{"{\"x\": \"" + strings.Repeat("x", 100_000), strings.Repeat("y", 100_000), "\"}\n"} {
			emitLines(t, j, piece)
			flush(t, j)
		}
		emitLines(t, j, "{")
		flush(t, j)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := readDecompressed(t, path), "{\"x\": \""+strings.Repeat("x", 100_000)+strings.Repeat("y", 100_000)+"\"}\n"; got != want {
			t.Errorf("%s: the file holds %d bytes, want %d", suffix, len(got), len(want))
		}
	}
}

// The new file has the mode of the rotated one.
func TestRotateKeepsTheMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o664); err != nil {
		t.Fatal(err)
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3}})
	emitLines(t, j, "{}\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o664 {
		t.Errorf("the new file has %v, %v", st.Mode(), err)
	}
}

// A torn last line is ended before its file is rotated, so that it does not run into the
// first line of the next file.
func TestRotateATornFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	if err := os.WriteFile(path, []byte("{}\n{\"torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 5}})
	emitLines(t, j, "{}\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := readRotated(t, path), "{}\n{\"torn\n{}\n"; got != want {
		t.Errorf("the files hold %q, want %q", got, want)
	}
}
