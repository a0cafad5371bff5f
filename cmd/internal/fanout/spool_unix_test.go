//go:build linux || darwin

package fanout_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/pkg/collector"
)

const moment = time.Minute // the time that a spooled destination has in these tests

// spooling returns options of a command that puts lines into a spool: late if the time that
// destinations have is over at once, else it never is.
func spooling(dir string, late bool, said io.Writer) fanout.Options {
	opts := options(said)
	opts.Spool, opts.SpoolAfter = dir, moment
	opts.After = func(d time.Duration) <-chan time.Time {
		after := make(chan time.Time, 1)
		if late && d == opts.SpoolAfter {
			after <- time.Time{}
		}
		return after
	}
	return opts
}

// sendTo does what a command does that sends lines to destinations.
func sendTo(t *testing.T, opts fanout.Options, lines string, dests ...string) {
	t.Helper()
	set := fanout.New(opts)
	to, err := set.Add(fanout.Role{}, dests...)
	if err == nil {
		err = set.Open(t.Context())
	}
	if err == nil && lines != "" {
		err = send(set, to, lines)
	}
	set.Close()
	if err != nil && err != fanout.ErrEnough {
		t.Error(err)
	}
}

// A destination that cannot take lines gets them later, once and in order, before all
// others. That they wait is said once.
func TestSpooled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		file string
		// down keeps the destination from taking anything, until up.
		down func(t *testing.T, path string) (up func())
		why  string // with PATH
	}{
		{"a directory that is missing", "dir/a.jsonl", func(t *testing.T, path string) func() {
			return func() { os.Mkdir(filepath.Dir(path), 0o700) }
		}, "open PATH: no such file or directory"},
		{"a file that is locked", "a.jsonl", func(t *testing.T, path string) func() {
			f, err := os.Create(path)
			if err == nil {
				err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
			}
			if err != nil {
				t.Fatal(err)
			}
			return func() { f.Close() }
		}, "lock PATH: another process has it locked"},
		{"a link to a full device", "a.jsonl", func(t *testing.T, path string) func() {
			if _, err := os.Stat("/dev/full"); err != nil {
				t.Skip(err)
			}
			if err := os.Symlink("/dev/full", path); err != nil {
				t.Fatal(err)
			}
			return func() { os.Remove(path) }
		}, "write PATH: no space left on device"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path, spool := filepath.Join(dir, test.file), filepath.Join(dir, "spool")
			up := test.down(t, path)
			var said buffer
			opts := spooling(spool, false, &said)
			opts.SpoolAfter = time.Millisecond // a lock is waited for in earnest
			sendTo(t, opts, line1, path)
			sendTo(t, opts, line2, path)
			if got, want := said.String(), "test: "+strings.ReplaceAll(test.why, "PATH", path)+"; events wait in "+spool+"\n"; got != want {
				t.Errorf("said %q, want %q", got, want)
			}
			up()
			sendTo(t, spooling(spool, false, &said), line, path)
			if have, err := os.ReadFile(path); err != nil || string(have) != line1+line2+line {
				t.Errorf("it has %q, %v; said %q", have, err, &said)
			}
		})
	}
}

// A FIFO that nobody reads gets lines once somebody does. One that is full gets none that
// could still be written after it was given up, and of one that was partly written already,
// all of it on a line of its own.
func TestSpooledFIFO(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, spool := filepath.Join(dir, "fifo"), filepath.Join(dir, "spool")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	var said buffer
	sendTo(t, spooling(spool, true, &said), line1, path)
	if want := "test: write " + path + ": nobody reads it; events wait in " + spool + "\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	writer, err := os.OpenFile(path, os.O_WRONLY, 0) // so that the FIFO has no end yet
	if err != nil {
		t.Fatal(err)
	}
	sendTo(t, spooling(spool, false, &said), line2, path)
	long := `{"event_type": "` + strings.Repeat("x", 1<<20) + `"}` + "\n"
	said = buffer{}
	sendTo(t, spooling(spool, true, &said), long, path)
	if want := "test: write " + path + ": took no data for 1m0s; events wait in " + spool + "\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	sendTo(t, spooling(spool, true, &said), line, path) // it is full
	have := make(chan string)
	go func() {
		text, _ := io.ReadAll(reader)
		have <- string(text)
	}()
	sendTo(t, spooling(spool, false, &said), line1, path)
	writer.Close()
	lines := strings.SplitAfter(<-have, "\n")
	if len(lines) != 7 {
		t.Fatalf("there are %d lines", len(lines)-1)
	}
	if part := strings.TrimSuffix(lines[2], "\n"); len(part) == 0 || !strings.HasPrefix(long, part) {
		t.Errorf("a part of the line is %.100q", part)
	}
	lines[2] = ""
	if got := strings.Join(lines, ""); got != line1+line2+long+line+line1 {
		t.Errorf("it got %.300q", got)
	}
}

// A server that does not answer gets events again once it does.
func TestSpooledServer(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if requests.Add(1) == 1 {
			<-hang
		}
	}))
	defer server.Close()
	defer close(hang)
	dir := t.TempDir()
	dest := "otlp+" + server.URL
	var said buffer
	late := spooling(dir, false, &said)
	after := make(chan time.Time, 1)
	late.After = func(d time.Duration) <-chan time.Time {
		if d == moment {
			return after
		}
		return nil
	}
	go func() {
		for requests.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
		after <- time.Time{}
	}()
	sendTo(t, late, line1, dest)
	if want := "test: write " + dest + ": took no data for 1m0s; events wait in " + dir + "\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	sendTo(t, spooling(dir, false, &said), line2, dest)
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests, want one that was given up, one for what waited and one for the new line", n)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "to-*.0*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// Whether a file takes a line in time or not, it has it once.
func TestSpooledLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, spool := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "spool")
	var said buffer
	for range 50 {
		sendTo(t, spooling(spool, true, &said), line1, path)
	}
	sendTo(t, spooling(spool, false, &said), line2, path)
	if have, err := os.ReadFile(path); err != nil || string(have) != strings.Repeat(line1, 50)+line2 {
		t.Errorf("it has %d lines, %v", strings.Count(string(have), "\n"), err)
	}
}

// Each destination gets what it has not had, and only that.
func TestSpooledApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	up, down, spool := filepath.Join(dir, "up"), filepath.Join(dir, "dir", "down"), filepath.Join(dir, "spool")
	var said buffer
	sendTo(t, spooling(spool, false, &said), line1, up, down)
	sendTo(t, spooling(spool, false, &said), line2, up)
	os.Mkdir(filepath.Dir(down), 0o700)
	sendTo(t, spooling(spool, false, &said), line, down, up)
	for path, want := range map[string]string{up: line1 + line2 + line, down: line1 + line} {
		if have, err := os.ReadFile(path); err != nil || string(have) != want {
			t.Errorf("%s has %q, %v", path, have, err)
		}
	}
}

// If the spool cannot be used, a destination that works gets its lines all the same, and
// one that does not has failed, as is said.
func TestSpoolNotUsable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, missing, spool := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "dir", "a.jsonl"), filepath.Join(dir, "spool")
	if err := os.WriteFile(spool, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var said buffer
	opts := spooling(spool, false, &said)
	sendTo(t, opts, line1, path, missing)
	if have, err := os.ReadFile(path); err != nil || string(have) != line1 {
		t.Errorf("it has %q, %v", have, err)
	}
	if !opts.Reports.Failed() || !strings.Contains(said.String(), "mkdir "+spool+": not a directory\n") || !strings.Contains(said.String(), "open "+missing+": no such file or directory\n") {
		t.Errorf("said %q", &said)
	}
}

// A command with a spool that has time delivers what waits for its destinations first, and
// says what waits for others. If a destination fails, the rest goes on waiting.
func TestDeliverWaiting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, other, spool := filepath.Join(dir, "dir", "a.jsonl"), filepath.Join(dir, "dir", "b.jsonl"), filepath.Join(dir, "spool")
	var said buffer
	for _, lines := range []string{line1, line2} {
		sendTo(t, spooling(spool, false, &said), lines, path, other)
	}
	said = buffer{}
	opts := options(&said)
	opts.Spool = spool
	sendTo(t, opts, line, path)
	if !strings.Contains(said.String(), "open "+path+": no such file or directory\n") {
		t.Errorf("said %q", &said)
	}
	os.Mkdir(filepath.Dir(path), 0o700)
	said = buffer{}
	opts.Files.Sync = collector.SyncAlways
	sendTo(t, opts, line, path)
	if want := "test: " + path + ": 2 lines delivered from " + spool + "\ntest: " + spool + ": events wait there for " + other + ", which is no destination: name it to deliver them\n"; said.String() != want {
		t.Errorf("said %q, want %q", &said, want)
	}
	if have, err := os.ReadFile(path); err != nil || string(have) != line1+line2+line {
		t.Errorf("it has %q, %v", have, err)
	}
}

// Destinations that are tried again get what waits for them when they work.
func TestDeliverWaitingRetry(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, spool := filepath.Join(dir, "dir", "a.jsonl"), filepath.Join(dir, "spool")
	var said buffer
	sendTo(t, spooling(spool, false, &said), line1, path)
	opts := retrying(&said)
	opts.Spool = spool
	set := fanout.New(opts)
	all, err := set.Add(fanout.Role{}, path)
	if err := errors.Join(err, set.Open(t.Context())); err != nil {
		t.Fatal(err)
	}
	if err := send(set, all, line); err != fanout.ErrMissed {
		t.Error(err)
	}
	os.Mkdir(filepath.Dir(path), 0o700)
	if err := errors.Join(send(set, all, line2), send(set, all, line)); err != nil {
		t.Error(err)
	}
	set.Close()
	if have, err := os.ReadFile(path); err != nil || string(have) != line1+line2+line {
		t.Errorf("it has %q, %v; said %q", have, err, &said)
	}
}

// A spool needs a destination whose name means the same for the next command.
func TestNothingToSpool(t *testing.T) {
	t.Parallel()
	var said buffer
	opts := options(&said)
	opts.Spool, opts.Out = t.TempDir(), &said
	set := fanout.New(opts)
	_, err := set.Add(fanout.Role{}, "-")
	if err == nil {
		err = set.Open(t.Context())
	}
	set.Close()
	if want := "--spool keeps events for files, nats:// and otlp+http://: add such a destination, or drop it"; !errors.As(err, new(fanout.UsageError)) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
