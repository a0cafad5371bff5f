package input_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/cmd/internal/input"
	"auditctl/pkg/compress"
	"auditctl/pkg/events"
	"auditctl/pkg/openfiles"
	"auditctl/pkg/selection"
)

// readAll reads a source to its end.
func readAll(src input.Source) (lines string, errs []error) {
	defer src.Close()
	var all strings.Builder
	for b := new(input.Block); src.Next(b); {
		all.Write(b.Lines)
		if b.Err != nil {
			errs = append(errs, b.Err)
		}
		b.Pass(int64(bytes.Count(b.Lines, []byte("\n"))))
	}
	return all.String(), errs
}

// writeLogs writes logs in order of time, some of them compressed, which overlap or not.
func writeLogs(t *testing.T, n int) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		path := filepath.Join(dir, fmt.Sprint(i)+[]string{".jsonl", ".jsonl.gz", ".jsonl.zst"}[i%3])
		var lines bytes.Buffer
		second := random.IntN(1000)
		if i%4 == 0 {
			fmt.Fprintf(&lines, `{"event_type": "untimed", "file": %d}`+"\n\nnot an event\n", i)
		}
		for line := range random.IntN(200) {
			second += random.IntN(20)
			fmt.Fprintf(&lines, `{"event_type": "e", "timestamp": "2026-03-10T%02d:%02d:%02dZ", "file": %d, "line": %d}`+"\n",
				second/3600, second/60%60, second%60, i, line)
		}
		if format := compress.ByName(path); format != compress.None && lines.Len() > 0 {
			compressed := format.NewAppender().Compress(lines.Bytes())
			lines = *bytes.NewBuffer(bytes.Clone(compressed))
		}
		if err := os.WriteFile(path, lines.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// Files are merged the same however few of them may be open.
func TestMergeMany(t *testing.T) {
	t.Parallel()
	paths := writeLogs(t, 40)
	for _, last := range []*input.Last{nil, {N: 7, Wanted: func() selection.Predicate { return func(*events.Scanner) bool { return true } }}} {
		want, errs := readAll(input.Merge(input.New(paths, nil), &input.Options{MaxLine: 1000, Last: last}))
		if len(errs) > 0 || strings.Count(want, "\n") < 200 {
			t.Fatal(errs, strings.Count(want, "\n"))
		}
		for _, most := range []int{1, 3, 20} {
			have, errs := readAll(input.Merge(input.New(paths, nil), &input.Options{MaxLine: 1000, Last: last, MostOpen: most}))
			if len(errs) > 0 || have != want {
				t.Errorf("%d files open: %v, %d lines, want %d", most, errs, strings.Count(have, "\n"), strings.Count(want, "\n"))
			}
		}
	}
}

// What comes before the first timestamp of a file stays with it.
func TestMergeUntimed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	for i, first := range []string{"09", "08", "07"} {
		path := filepath.Join(dir, fmt.Sprint(i))
		text := fmt.Sprintf(`{"event_type": "a", "file": %d}`+"\n"+`{"event_type": "b", "timestamp": "2026-03-10T%s:00:00Z"}`+"\n", i, first)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	var want string
	for _, path := range []string{paths[2], paths[1], paths[0]} {
		text, _ := os.ReadFile(path)
		want += string(text)
	}
	for _, most := range []int{1, 10} {
		if have, errs := readAll(input.Merge(input.New(paths, nil), &input.Options{MaxLine: 1000, MostOpen: most})); have != want || len(errs) > 0 {
			t.Errorf("%d files open: %v\n%swant\n%s", most, errs, have, want)
		}
	}
}

// A file whose path another one has taken while it was closed is an error, and the others
// are read.
func TestMergeReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var paths []string
	line := func(file, second int) string {
		return fmt.Sprintf(`{"event_type": "e", "timestamp": "2026-03-10T08:%02d:%02dZ", "file": %d}`+"\n", second/60, second%60, file)
	}
	for file := range 3 {
		var lines strings.Builder
		for second := range 3000 { // of which a piece is less
			lines.WriteString(line(file, second))
		}
		path := filepath.Join(dir, fmt.Sprint(file))
		if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	src := input.Merge(input.New(paths, nil), &input.Options{MaxLine: 1000, MostOpen: 1})
	b := new(input.Block)
	src.Next(b)
	if err := os.WriteFile(paths[0]+".new", []byte(strings.Repeat(line(9, 0), 3000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(paths[0]+".new", paths[0]); err != nil {
		t.Fatal(err)
	}
	rest, errs := readAll(src)
	if len(errs) != 1 || !errors.Is(errs[0], openfiles.ErrReplaced) || !strings.Contains(errs[0].Error(), paths[0]) {
		t.Errorf("%v", errs)
	}
	if strings.Contains(rest, `"file": 9`) {
		t.Error("lines of another file were read")
	}
	all := slices.Collect(strings.Lines(string(b.Lines) + rest))
	for file := 1; file < 3; file++ {
		if n := len(slices.DeleteFunc(slices.Clone(all), func(l string) bool { return !strings.Contains(l, fmt.Sprintf(`"file": %d}`, file)) })); n != 3000 {
			t.Errorf("file %d: %d lines", file, n)
		}
	}
}
