//go:build unix

package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"auditctl/pkg/collector"
)

// someLines returns numbered events of many lengths.
func someLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"event_type": "tool_call_complete", "n": %d, "result_preview": "%s"}`+"\n", i, strings.Repeat("x", i*37%700))
	}
	return b.String()
}

// kill kills auditctl a moment after a.jsonl is no longer empty.
func kill(t *testing.T, dir, input string, out io.Writer, args ...string) {
	t.Helper()
	killOnce(t, filepath.Join(dir, "a.jsonl"), 1, dir, input, out, args...)
}

// killOnce kills auditctl a moment after a file has reached a size.
func killOnce(t *testing.T, path string, size int64, dir, input string, out io.Writer, args ...string) {
	t.Helper()
	in, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd := exec.Command("auditctl", args...)
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout = dir, environment(), in, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	begun := eventually(func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() >= size
	})
	if !begun {
		t.Error("nothing was written")
	}
	time.Sleep(rand.N(5 * time.Millisecond))
	cmd.Process.Kill()
	cmd.Wait()
}

// killings returns how often a test kills a process.
func killings() int {
	if testing.Short() {
		return 5
	}
	return 40
}

// When tee is killed, its files have the beginning of the input. Only the last line may
// be incomplete.
func TestKilledTee(t *testing.T) {
	t.Parallel()
	want := someLines(20_000)
	input := filepath.Join(t.TempDir(), "input.jsonl")
	writeFile(t, input, want)
	some := 0
	for range killings() {
		dir := t.TempDir()
		kill(t, dir, input, nil, "tee", "-q", "a.jsonl", "b.jsonl", "--sync", "close")
		for _, name := range []string{"a.jsonl", "b.jsonl"} {
			have, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			if !strings.HasPrefix(want, string(have)) {
				t.Fatalf("%s is not the beginning of the input: it ends with %.200q", name, have[max(0, len(have)-200):])
			}
			if 0 < len(have) && len(have) < len(want) {
				some++
			}
		}
	}
	t.Logf("%d files were incomplete", some)
}

// The same during rotations: nothing is missing in between, and the next process carries
// on.
func TestKilledRotation(t *testing.T) {
	t.Parallel()
	want := someLines(300)
	input := filepath.Join(t.TempDir(), "input.jsonl")
	writeFile(t, input, want)
	for range killings() / 4 {
		dir := t.TempDir()
		kill(t, dir, input, nil, "tee", "-q", "a.jsonl", "--rotate-size", "8K", "--rotate-compress")
		have := rotated(t, dir, "a.jsonl")
		if !strings.HasPrefix(want, have) {
			t.Fatalf("%d bytes are not the beginning of the input", len(have))
		}
		have = have[:strings.LastIndexByte(have, '\n')+1] + torn(have)
		in, err := os.Open(input)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("auditctl", "tee", "-q", "a.jsonl", "--rotate-size", "8K", "--rotate-compress")
		cmd.Dir, cmd.Stdin = dir, in
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("after a kill: %v %s", err, out)
		}
		in.Close()
		if got := rotated(t, dir, "a.jsonl"); got != have+want {
			t.Fatalf("%d bytes after %d and %d more", len(got), len(have), len(want))
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*.compressing")); len(left) > 0 {
			t.Fatalf("%q is left", left)
		}
	}
}

// torn returns the incomplete line at the end of text, with a line feed.
func torn(text string) string {
	if tail := text[strings.LastIndexByte(text, '\n')+1:]; tail != "" {
		return tail + "\n"
	}
	return ""
}

// rotated returns the text of a file and its rotated files. A kill can leave a gap between
// their numbers, and a file next to its compressed form, which count once.
func rotated(t *testing.T, dir, name string) string {
	t.Helper()
	var texts []string
	for _, path := range rotatedFiles(t, dir, name) {
		texts = append(texts, decompressed(t, path))
	}
	return strings.Join(texts, "")
}

// rotatedFiles lists a file and its rotated files, the oldest first.
func rotatedFiles(t *testing.T, dir, name string) []string {
	t.Helper()
	paths := map[int]string{}
	all, err := filepath.Glob(filepath.Join(dir, name+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all { // x.1 comes before x.1.gz
		n, suffix := 0, strings.TrimPrefix(filepath.Base(path), name)
		if _, err := fmt.Sscanf(strings.TrimSuffix(suffix, ".gz"), ".%d", &n); err == nil || suffix == "" {
			paths[n] = path
		}
	}
	numbers := slices.Sorted(maps.Keys(paths))
	slices.Reverse(numbers)
	var files []string
	for _, n := range numbers {
		files = append(files, paths[n])
	}
	return files
}

// decompressed returns the text of a file, decompressed if its name ends in .gz.
func decompressed(t *testing.T, path string) string {
	t.Helper()
	text := readFile(t, path)
	if !strings.HasSuffix(path, ".gz") {
		return text
	}
	r, err := gzip.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// With --sync=always a line is on standard output only after it is in the files.
func TestKilledAfterSync(t *testing.T) {
	t.Parallel()
	want := someLines(3_000)
	input := filepath.Join(t.TempDir(), "input.jsonl")
	writeFile(t, input, want)
	for range killings() {
		dir := t.TempDir()
		var out bytes.Buffer
		kill(t, dir, input, &out, "tee", "a.jsonl", "b.jsonl", "--sync", "always")
		for _, name := range []string{"a.jsonl", "b.jsonl"} {
			have, _ := os.ReadFile(filepath.Join(dir, name))
			if !bytes.HasPrefix(have, out.Bytes()) {
				t.Fatalf("%s has %d bytes, standard output %d", name, len(have), out.Len())
			}
		}
	}
}

// Ten processes append to one log at once, small lines and some that take many writes,
// and each of them may rotate it: every line is there once, and those of each writer are
// in order.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	const writers = 10
	lines := 400
	if testing.Short() {
		lines = 100
	}
	dir := t.TempDir()
	done := make(chan struct{})
	for w := range writers {
		p := startIn(t, dir, nil, "auditctl", "tee", "-q", "a.jsonl", "--rotate-size", "4M")
		go func() {
			defer func() { done <- struct{}{} }()
			for n := range lines {
				size := n % 300
				if n%50 == w {
					size = 600_000 // more than a block, and than any buffer
				}
				if _, err := fmt.Fprintf(p.in, `{"event_type": "w%d", "n": %d, "x": "%s"}`+"\n", w, n, strings.Repeat("x", size)); err != nil {
					t.Error(err)
					return
				}
			}
			p.in.Close()
			p.exit(0, "")
		}()
	}
	for range writers {
		<-done
	}
	var found [writers]int
	for _, path := range rotatedFiles(t, dir, "a.jsonl") {
		for line := range strings.Lines(readFile(t, path)) {
			var w, n int
			if _, err := fmt.Sscanf(line[:min(len(line), 60)], `{"event_type": "w%d", "n": %d, "x": "`, &w, &n); err != nil || !strings.HasSuffix(line, "\"}\n") || strings.Count(line, "{") != 1 {
				t.Fatalf("a line is %.100q…", line)
			}
			if n != found[w] {
				t.Fatalf("line %d of writer %d comes when %d is due", n, w, found[w])
			}
			found[w]++
		}
	}
	if found != [writers]int(slices.Repeat([]int{lines}, writers)) {
		t.Errorf("found %d, want %d of each", found, lines)
	}
}

// Commands that write lines longer than the limit to the same two files do not deadlock,
// and every line is there once.
func TestLongLinesInTwoFiles(t *testing.T) {
	t.Parallel()
	const lines = 40
	dir := t.TempDir()
	done := make(chan struct{})
	for w, files := range [][]string{{"a", "b"}, {"b", "a"}} {
		p := startIn(t, dir, nil, "auditctl", append([]string{"tee", "-q", "--invalid=skip", "--max-line", "1K"}, files...)...)
		go func() {
			defer func() { done <- struct{}{} }()
			for range lines {
				if _, err := fmt.Fprintf(p.in, "%d%s\n", w, strings.Repeat("x", 700_000)); err != nil {
					t.Error(err)
					return
				}
			}
			p.in.Close()
			p.exit(0, "")
		}()
	}
	<-done
	<-done
	for _, file := range []string{"a", "b"} {
		counts := [2]int{}
		for line := range strings.Lines(readFile(t, filepath.Join(dir, file))) {
			if len(line) != 700_002 {
				t.Fatalf("%s has a line of %d bytes", file, len(line))
			}
			counts[line[0]-'0']++
		}
		if counts != [2]int{lines, lines} {
			t.Errorf("%s has %d lines, want %d of each", file, counts, lines)
		}
	}
}

// SIGHUP reopens files, if there are any; see TestHangup for the rest.
func TestHangupReopens(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "tee", "a.jsonl")
	p.feed(lineA)
	p.expect(lineA)
	p.file("a.jsonl", lineA) // which may be written after standard output
	if err := os.Rename(filepath.Join(p.dir, "a.jsonl"), filepath.Join(p.dir, "old.jsonl")); err != nil {
		t.Fatal(err)
	}
	p.Process.Signal(syscall.SIGHUP)
	p.file("a.jsonl", "") // before the next line
	p.exists("a.jsonl")
	p.feed(lineB)
	p.expect(lineB)
	p.in.Close()
	p.exit(0, "")
	p.file("old.jsonl", lineA)
	p.file("a.jsonl", lineB)
}

func fifo(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Many destinations that nobody reads do not keep the others from being finished when a
// signal ends the command.
func TestSignalWhileManyAreStuck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"tee", "-q"}
	for _, name := range []string{"p1", "p2", "p3"} {
		r, err := os.OpenFile(fifo(t, dir, name), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		args = append(args, name)
	}
	writeFile(t, filepath.Join(dir, "input.jsonl"), someLines(2_000))
	p := startIn(t, dir, nil, "env", append([]string{"PATIENCE_WRITES=4s", "auditctl"}, append(args, "a.jsonl.gz", "-i", "input.jsonl")...)...)
	if !eventually(func() bool { // the first lines are written
		compressed, _ := os.ReadFile(filepath.Join(dir, "a.jsonl.gz"))
		r, err := gzip.NewReader(bytes.NewReader(compressed))
		if err != nil {
			return false
		}
		n, _ := io.Copy(io.Discard, r)
		return n > 0
	}) {
		t.Fatal("nothing is written")
	}
	p.Process.Signal(syscall.SIGTERM)
	const stuck = ": interrupted in a write that does not end; it may end within a line\n"
	p.exit(143, "auditctl: write p1"+stuck+"auditctl: write p2"+stuck+"auditctl: write p3"+stuck)
	if have := decompressed(t, filepath.Join(dir, "a.jsonl.gz")); have == "" || !strings.HasPrefix(someLines(2_000), have) {
		t.Errorf("the file has %d bytes", len(have))
	}
}

// Compressed lines, too, are passed on as soon as the input pauses.
func TestCompressedLive(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{".gz", ".zst"} {
		p := start(t, "auditctl", "tee")
		for _, line := range []string{lineA, lineB, lineC} {
			path := filepath.Join(t.TempDir(), "line"+suffix)
			j, err := collector.OpenJSONL(path, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(j.EmitLines([]byte(line)), j.Close()); err != nil {
				t.Fatal(err)
			}
			p.feed(readFile(t, path))
			p.expect(line)
		}
		p.in.Close()
		p.exit(0, "")
	}
}
