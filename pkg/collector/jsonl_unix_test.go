//go:build linux || darwin

package collector_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/collector"
)

func TestJSONLFullDevice(t *testing.T) {
	const path = "/dev/full"
	if _, err := os.Stat(path); err != nil {
		t.Skip("there is no " + path)
	}
	j := open(t, path, nil)
	emit(t, j, numbered("x", 0))
	first := j.Flush()
	if n := strings.Count(errorText(first), path); n != 1 {
		t.Errorf("%q names the path %d times, want once", first, n)
	}
	for _, call := range []struct {
		name string
		err  error
	}{
		{"Flush", first},
		{"Emit", j.Emit(parse(t, numbered("x", 1)))},
		{"Close", j.Close()},
	} {
		if !errors.Is(call.err, syscall.ENOSPC) {
			t.Errorf("%s: %v, want %v", call.name, call.err, syscall.ENOSPC)
		}
	}
}

// limitedFile is the environment variable with the file that the child process fills.
const limitedFile = "COLLECTOR_TEST_LIMITED_FILE"

// A file that JSONL opened ends with a complete line even if a write ended within one.
// File size limits apply to the whole process, so the test starts a child process.
func TestJSONLCutsBack(t *testing.T) {
	if path := os.Getenv(limitedFile); path != "" {
		fillLimited(t, path)
		return
	}
	for _, test := range []struct{ name, before, want string }{
		{"complete", "{}\n", "{}\n"},
		{"torn", "{", "{\n"},
		{"created", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeFile(t, test.before, 0o600)
			cmd := exec.Command(os.Args[0], "-test.run=^TestJSONLCutsBack$")
			cmd.Env = append(os.Environ(), limitedFile+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			// Nine lines fit, the tenth does not.
			if got, want := readFile(t, path), test.want+strings.Repeat(sized(99)+"\n", 9); got != want {
				t.Errorf("the file holds %d bytes, want %d:\n%q", len(got), len(want), got)
			}
		})
	}
}

func fillLimited(t *testing.T, path string) {
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	before := limit.Cur
	limit.Cur = 950
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}

	j := open(t, path, nil)
	for range 20 {
		emit(t, j, sized(99))
	}
	first := j.Flush()
	limit.Cur = before
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(first, syscall.EFBIG) {
		t.Errorf("Flush: %v, want %v", first, syscall.EFBIG)
	}
	if err := j.Emit(parse(t, sized(99))); err != first {
		t.Errorf("Emit: %v, want %v", err, first)
	}
	if err := j.Close(); err != first {
		t.Errorf("Close: %v, want %v", err, first)
	}
}

func TestJSONLFIFO(t *testing.T) {
	for _, opts := range []*collector.JSONLOptions{nil, {Truncate: true}} {
		path := makeFIFO(t)
		read := make(chan string)
		go func() {
			b, err := os.ReadFile(path)
			read <- string(b) + errorText(err)
		}()
		j := open(t, path, opts)
		emit(t, j, numbered("x", 0))
		emitLines(t, j, sized(200<<10)+"\n")
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		sameLines(t, splitLines(t, <-read), []string{numbered("x", 0), sized(200 << 10)})
	}
}

// A FIFO without a reader is an error like any other.
func TestJSONLFIFOWithoutReader(t *testing.T) {
	path := makeFIFO(t)
	reader := make(chan io.Closer)
	go func() {
		f, _ := os.Open(path)
		reader <- f
	}()
	j := open(t, path, nil)
	(<-reader).Close()
	emit(t, j, numbered("x", 0))
	if err := j.Flush(); !errors.Is(err, syscall.EPIPE) || strings.Count(err.Error(), path) != 1 {
		t.Errorf("Flush: %v, want %v and the path once", err, syscall.EPIPE)
	}
}

// An open descriptor is written to at its offset, and what was written before is kept.
func TestJSONLDescriptor(t *testing.T) {
	for _, opts := range []*collector.JSONLOptions{nil, {Truncate: true, Sync: collector.SyncAlways}} {
		f, err := os.Create(filepath.Join(t.TempDir(), "file"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fmt.Fprint(f, "before\n")
		path := fmt.Sprintf("/dev/fd/%d", f.Fd())
		j := open(t, path, opts)
		emitLines(t, j, "{}\n")
		if err := j.Close(); err != nil {
			t.Error(err)
		}
		fmt.Fprint(f, "after\n")
		if got, want := readFile(t, f.Name()), "before\n{}\nafter\n"; got != want {
			t.Errorf("%+v: the file holds %q, want %q", opts, got, want)
		}
		if _, err := collector.OpenJSONL(path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 1}}); err == nil {
			t.Error("a descriptor can be rotated")
		}
	}
}

func makeFIFO(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("cannot make a FIFO: ", err)
	}
	return path
}

// With LockWait, a file that somebody else has locked is not waited for any longer, and
// nothing is written to it.
func TestJSONLLockWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	synctest.Test(t, func(t *testing.T) {
		other := open(t, path, nil)
		emitLines(t, other, "{")
		flush(t, other)
		j := open(t, path, &collector.JSONLOptions{LockWait: time.Second})
		emitLines(t, j, "{}\n")
		if err := j.Flush(); errorText(err) != "lock "+path+": another process has it locked" {
			t.Errorf("Flush: %v", err)
		}
		j.Close()
		j = open(t, path, &collector.JSONLOptions{LockWait: time.Second})
		emitLines(t, j, "[]\n")
		time.AfterFunc(time.Second/2, func() {
			emitLines(t, other, "}\n")
			flush(t, other)
		})
		if err := errors.Join(j.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	})
	if got := readFile(t, path); got != "{}\n[]\n" {
		t.Errorf("the file holds %q", got)
	}
}

// LockWait is for all others together, also if each of them replaces the file.
func TestJSONLLockWaitForMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	synctest.Test(t, func(t *testing.T) {
		locked := func() *collector.JSONL {
			other := open(t, path, nil)
			emitLines(t, other, "{")
			flush(t, other)
			return other
		}
		other := locked()
		j := open(t, path, &collector.JSONLOptions{LockWait: time.Second})
		emitLines(t, j, "{}\n")
		flushed := make(chan error, 1)
		go func() { flushed <- j.Flush() }()
		for i := range 4 {
			time.Sleep(time.Second / 2)
			if err := os.Rename(path, fmt.Sprint(path, i)); err != nil {
				t.Error(err)
			}
			next := locked()
			other.Close()
			other = next
		}
		other.Close()
		if err := <-flushed; errorText(err) != "lock "+path+": another process has it locked" {
			t.Errorf("Flush: %v", err)
		}
		j.Close()
	})
}
