//go:build unix

package cmd_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// A single line reaches all destinations at once, while the input stays open.
func TestNothingWaits(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee a.jsonl", "tee - a.jsonl", "tee --route *=a.jsonl", "filter -o a.jsonl -o -", "cat -o - -o a.jsonl", "tee -i - a.jsonl"} {
		t.Run(args, func(t *testing.T) {
			p := start(t, "auditctl", strings.Fields(args)...)
			p.feed(lineA)
			p.expect(lineA)
			p.file("a.jsonl", lineA)
			p.feed(`{"event_type": `)
			p.feed(`"b"}` + "\n" + lineC)
			p.expect(`{"event_type": "b"}` + "\n" + lineC)
			p.file("a.jsonl", lineA+`{"event_type": "b"}`+"\n"+lineC)
			p.in.Close()
			p.exit(0, "")
		})
	}
}

// Text and completed events do not wait either, nor do reports.
func TestNothingWaitsToBeShown(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "cat", "--format=text")
	p.feed(`{"event_type": "bare"}` + "\n")
	p.expect(strings.Repeat(" ", 44) + "bare\n")
	p.feed("x\n")
	if !eventually(func() bool { return p.stderr.String() != "" }) {
		t.Error("the report waits")
	}
	p.in.Close()
	p.exit(3, "auditctl: stdin:2:1: not a JSON object\n")

	p = start(t, "auditctl", "emit", "--stdin")
	p.feed(`{"event_type": "base", "timestamp": "2026-03-09T08:00:00Z"}` + "\n")
	p.expect(`{"event_type": "base", "timestamp": "2026-03-09T08:00:00+00:00", "agent_id": null, "turn_id": null, "session_id": null, "severity": "info", "metadata": {}}` + "\n")
}

func makeFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openFIFO(t *testing.T, path string, flag int) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, flag, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestFIFODestination(t *testing.T) {
	t.Parallel()
	fifo := makeFIFO(t)
	p := start(t, "auditctl", "tee", "--truncate", fifo, "a.jsonl")
	r := openFIFO(t, fifo, os.O_RDONLY)
	p.feed(lineA)
	expect(t, r, r, lineA)
	p.expect(lineA)
	p.file("a.jsonl", lineA)

	// When its reader leaves it is dropped, and the others go on.
	r.Close()
	p.feed(lineB)
	p.expect(lineB)
	p.feed(lineC)
	p.expect(lineC)
	p.in.Close()
	p.exit(2, "auditctl: write "+fifo+": broken pipe\n")
	p.file("a.jsonl", lineA+lineB+lineC)
}

func TestFIFOInput(t *testing.T) {
	t.Parallel()
	fifo := makeFIFO(t)
	p := start(t, "auditctl", "tee", "-i", fifo, "-i", "-")
	w := openFIFO(t, fifo, os.O_WRONLY)
	fmt.Fprint(w, lineA)
	p.expect(lineA)
	fmt.Fprint(w, lineB)
	p.expect(lineB)
	w.Close()
	p.feed(lineC)
	p.expect(lineC)
	p.in.Close()
	p.exit(0, "")
}

// Inputs and destinations may be descriptors, as with the <(…) and >(…) of shells.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := startWith(t, []*os.File{inR, outW}, "auditctl", "tee", "-i", "/dev/fd/3", "/dev/fd/4")
	inR.Close()
	outW.Close()
	fmt.Fprint(inW, lineA)
	p.expect(lineA)
	expect(t, outR, outR, lineA)
	inW.Close()
	p.exit(0, "")
}

// Destinations that are one stream, as standard output and standard error are on a
// terminal, do not tear each other's lines.
func TestDescriptorsOfOneStream(t *testing.T) {
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(ends[0]), "reader"), os.NewFile(uintptr(ends[1]), "writer")
	defer r.Close()
	const lines = 5
	line := `{"event_type": "a", "text": "` + strings.Repeat("x", 1_000_000) + "\"}\n"
	p := startWith(t, []*os.File{w, w}, "auditctl", "tee", "-q", "/dev/fd/3", "/dev/fd/4")
	w.Close()
	go func() {
		p.feed(strings.Repeat(line, lines))
		p.in.Close()
	}()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	p.exit(0, "")
	if string(got) != strings.Repeat(line, 2*lines) {
		t.Errorf("%d bytes came, torn or not whole; want %d", len(got), 2*lines*len(line))
	}
}

// Waiting for the other end of a FIFO can be interrupted.
func TestFIFOAlone(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-q", "-i", "--rejects"} {
		t.Run(flag, func(t *testing.T) {
			fifo := makeFIFO(t)
			p := start(t, "auditctl", "tee", "a.jsonl", flag, fifo)
			p.exists("a.jsonl") // the FIFO is next
			p.Process.Signal(syscall.SIGINT)
			p.exit(130, "")
		})
	}
}

// A FIFO that is both input and destination would wait for itself, and is refused.
func TestFIFOToItself(t *testing.T) {
	t.Parallel()
	fifo := makeFIFO(t)
	p := start(t, "auditctl", "tee", "-q", "-i", fifo, fifo)
	p.ends(2)
	if want := "auditctl: " + fifo + " is also an input: write to another file"; !strings.HasPrefix(p.stderr.String(), want) {
		t.Errorf("said %q, want %q", p.stderr, want)
	}
}

// Processes that append to one file neither lose nor mix lines.
func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	const processes, lines = 10, 2000
	dir := t.TempDir()
	line := func(i, n int) string {
		return fmt.Sprintf(`{"event_type": "a", "process": %d, "n": %d, "s": "%s"}`, i, n, strings.Repeat("x", n%300))
	}
	var writers sync.WaitGroup
	var running []*process
	for i := range processes {
		p := startIn(t, dir, nil, "auditctl", "tee", "-q", "same.jsonl")
		running = append(running, p)
		writers.Go(func() {
			for n := range lines {
				fmt.Fprintln(p.in, line(i, n))
			}
			p.in.Close()
		})
	}
	writers.Wait()
	for _, p := range running {
		p.exit(0, "")
	}

	have := 0
	next := make([]int, processes)
	for text := range strings.Lines(readFile(t, filepath.Join(dir, "same.jsonl"))) {
		if text == "\n" {
			continue // a process found an unfinished line of another one
		}
		var i, n int
		if _, err := fmt.Sscanf(text, `{"event_type": "a", "process": %d, "n": %d,`, &i, &n); err != nil || text != line(i, n)+"\n" {
			t.Fatalf("mixed: %.200q", text)
		}
		if n != next[i] {
			t.Fatalf("process %d: line %d where %d should be", i, n, next[i])
		}
		next[i]++
		have++
	}
	if have != processes*lines {
		t.Errorf("%d lines, want %d", have, processes*lines)
	}
}
