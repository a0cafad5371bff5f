//go:build unix

package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd"
)

// A slowWriter takes a time for each byte, for ever for those after the first few
// if it has a limit. In a synctest bubble only its time passes.
type slowWriter struct {
	each  time.Duration
	limit int
	gone  chan struct{}
	bytes.Buffer
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.limit > 0 && w.Len()+len(p) > w.limit {
		<-w.gone
		return 0, syscall.EPIPE
	}
	time.Sleep(time.Duration(len(p)) * w.each)
	return w.Buffer.Write(p)
}

// A standard output that takes nothing is dropped, and the file gets everything.
func TestStalledOutput(t *testing.T) {
	t.Parallel()
	lines := someLines(2_000)
	for _, limit := range []int{1, 1 << 16} {
		for _, args := range []string{"tee", "filter -o - -o", "repair -o - -o", "cat -o - -o", "emit error --error-message " + strings.Repeat("x", 100_000) + " --timestamp 2026-03-09 -o - -o"} {
			path := filepath.Join(t.TempDir(), "a.jsonl")
			synctest.Test(t, func(t *testing.T) {
				out := &slowWriter{limit: limit, gone: make(chan struct{})}
				var said bytes.Buffer
				status := cmd.Run(t.Context(), append(strings.Fields(args), path, "--stall-timeout", "50ms"), cmd.Streams{
					In: strings.NewReader(lines), Out: out, Err: &said,
				})
				if status != 2 || !strings.HasPrefix(said.String(), "auditctl: write stdout: took no data for 50ms\n") || strings.Count(said.String(), "50ms") > 1 {
					t.Errorf("%.20s: status %d, said %q", args, status, &said)
				}
				close(out.gone)
			})
			if have := readFile(t, path); have != lines && (!strings.HasPrefix(args, "emit") || !strings.HasSuffix(have, "\n")) {
				t.Errorf("%.20s: the file is not complete", args)
			}
		}
	}
}

// One that is slow, but takes something now and then, is not dropped.
func TestSlowIsNoStall(t *testing.T) {
	t.Parallel()
	lines := someLines(2_000)
	synctest.Test(t, func(t *testing.T) {
		out := &slowWriter{each: 10 * time.Microsecond} // 41 ms for what a pipe takes at once
		var said bytes.Buffer
		status := cmd.Run(t.Context(), []string{"tee", filepath.Join(t.TempDir(), "a.jsonl"), "--stall-timeout", "50ms"}, cmd.Streams{
			In: strings.NewReader(lines), Out: out, Err: &said,
		})
		if status != 0 || said.String() != "" || out.String() != lines {
			t.Errorf("status %d, said %q, %d bytes of %d", status, &said, out.Len(), len(lines))
		}
	})
}

// stalling turns the clock of destinations: all that ask have waited long enough,
// but for the first so many, and until something is said.
func stalling(t *testing.T, first int, said *syncBuffer) {
	t.Cleanup(cmd.SetAfter(func(time.Duration) <-chan time.Time {
		if first--; first >= 0 || said.String() != "" {
			return nil
		}
		now := make(chan time.Time, 1)
		now <- time.Now()
		return now
	}))
}

// A FIFO that nobody opens, or reads, is dropped, and the others get everything.
func TestStalledFIFO(t *testing.T) {
	lines := someLines(2_000)
	for _, test := range []struct {
		args string
		open bool // at the other end
		want string
	}{
		{"tee -q PIPE FILE", false, "nobody reads it"},
		{"tee -q PIPE FILE", true, "took no data for 50ms"},
		{"filter -o PIPE -o FILE", true, "took no data for 50ms"},
	} {
		t.Run(test.args+" "+test.want, func(t *testing.T) {
			dir := t.TempDir()
			pipe, path := fifo(t, dir, "pipe"), filepath.Join(dir, "a.jsonl")
			opening := 0
			if test.open {
				fill(t, openFIFO(t, pipe, os.O_RDWR))
				opening = 2 // both can be opened
			}
			var said syncBuffer
			stalling(t, opening, &said)
			args := strings.Fields(strings.NewReplacer("PIPE", pipe, "FILE", path).Replace(test.args) + " --stall-timeout 50ms")
			if status := cmd.Run(t.Context(), args, cmd.Streams{In: strings.NewReader(lines), Out: io.Discard, Err: &said}); status != 2 {
				t.Errorf("status %d", status)
			}
			if want := "auditctl: write " + pipe + ": " + test.want + "\n"; said.String() != want {
				t.Errorf("said %q, want %q", &said, want)
			}
			if readFile(t, path) != lines {
				t.Error("the file is not complete")
			}
			if !test.open {
				openFIFO(t, pipe, os.O_RDWR) // who waits for a reader ends
			}
		})
	}
}

// fill fills a pipe, so that it takes nothing at all: were the first lines taken, the
// turned clock would have the file dropped, which comes next.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	conn, err := pipe.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = conn.Write(func(fd uintptr) (done bool) {
		for err := error(nil); err == nil || err == syscall.EINTR; {
			_, err = syscall.Write(int(fd), make([]byte, 512))
		}
		return true // EAGAIN
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A file that another process has locked is dropped. What was given up may still
// be written when the lock is free: the lines that were meant, and no others.
func TestStalledFile(t *testing.T) {
	lines := someLines(4_000)
	dir, err := os.MkdirTemp("", "stalled") // to which something is still written at the end
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	locked, path := filepath.Join(dir, "locked.jsonl"), filepath.Join(dir, "b.jsonl")
	f, err := os.Create(locked)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	var said syncBuffer
	stalling(t, 2, &said)
	in, feed := io.Pipe()
	status := make(chan int)
	go func() {
		status <- cmd.Run(context.Background(), []string{"tee", "-q", locked, path, "--stall-timeout", "50ms"}, cmd.Streams{In: in, Out: io.Discard, Err: &said})
	}()
	io.WriteString(feed, lines)
	if !eventually(func() bool { return said.String() != "" }) {
		t.Error("it is not given up")
	}
	f.Close()
	io.WriteString(feed, strings.Repeat(lineA, 100_000)) // over what was given up, if its memory were used again
	feed.Close()
	if s := <-status; s != 2 {
		t.Errorf("status %d", s)
	}
	if want := "auditctl: write " + locked + ": took no data for 50ms\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	if readFile(t, path) != lines+strings.Repeat(lineA, 100_000) {
		t.Error("the other file is not complete")
	}
	have := ""
	if !eventually(func() bool { have = readFile(t, locked); return have != "" }) || !strings.HasPrefix(lines, have) {
		t.Errorf("%s has %d other bytes", locked, len(have))
	}
}
