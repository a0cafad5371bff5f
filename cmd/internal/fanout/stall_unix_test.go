//go:build unix

package fanout_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"auditctl/cmd/internal/fanout"
)

// withClock returns a Set of paths, and a clock for the test: a tick ends the stall time
// of whatever is waited for.
func withClock(t *testing.T, said *buffer, paths ...string) (*fanout.Set, fanout.Group, chan<- time.Time) {
	t.Helper()
	ticks := make(chan time.Time)
	opts := options(said)
	opts.Stall, opts.After = stall, func(time.Duration) <-chan time.Time { return ticks }
	set := fanout.New(opts)
	all, err := set.Add(fanout.Role{}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	return set, all, ticks
}

func makeFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openFIFO(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// A FIFO that nobody opens is dropped, and the other destination gets everything.
func TestFIFOThatNobodyOpens(t *testing.T) {
	t.Parallel()
	fifo, path := makeFIFO(t), filepath.Join(t.TempDir(), "a.jsonl")
	var said buffer
	set, all, ticks := withClock(t, &said, fifo, path)
	go func() { ticks <- time.Now() }()
	err := errors.Join(set.Open(t.Context()), send(set, all, line))
	set.Close()
	if have, _ := os.ReadFile(path); err != nil || string(have) != line {
		t.Errorf("%v; the file has %q", err, have)
	}
	if want := "test: write " + fifo + ": nobody reads it\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	openFIFO(t, fifo) // which ends the open that waits for a reader
}

// A FIFO that is full and that nobody reads is dropped as well.
func TestFullFIFO(t *testing.T) {
	t.Parallel()
	fifo, path := makeFIFO(t), filepath.Join(t.TempDir(), "a.jsonl")
	fill(t, openFIFO(t, fifo))
	var said buffer
	set, all, ticks := withClock(t, &said, fifo, path)
	if err := set.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() { ticks <- time.Now() }()
	err := send(set, all, line)
	set.Close()
	if have, _ := os.ReadFile(path); err != nil || string(have) != line {
		t.Errorf("%v; the file has %q", err, have)
	}
	if want := "test: write " + fifo + ": took no data for 50ms\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
}

// fill fills a pipe, so that it takes nothing more.
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
// be written when the lock is free.
func TestLockedFile(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "stalled") // it is still written to at the end
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
	var said buffer
	set, all, ticks := withClock(t, &said, locked, path)
	if err := set.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() { ticks <- time.Now() }()
	lines := strings.Repeat(line, 10_000)
	err = errors.Join(send(set, all, lines), send(set, all, line))
	set.Close()
	if have, _ := os.ReadFile(path); err != nil || string(have) != lines+line {
		t.Errorf("%v; the other file has %d bytes", err, len(have))
	}
	if want := "test: write " + locked + ": took no data for 50ms\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	f.Close()
	for have, end := "", time.Now().Add(5*time.Minute); have != lines; time.Sleep(time.Millisecond) {
		text, _ := os.ReadFile(locked)
		if have = string(text); !strings.HasPrefix(lines, have) || time.Now().After(end) {
			t.Fatalf("%s has %d other bytes", locked, len(have))
		}
	}
}
