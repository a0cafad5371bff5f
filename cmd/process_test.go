package cmd_test

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. It only turns an endless wait into
// a failure.
const patience = 5 * time.Minute

// A process is auditctl running with pipes for its standard streams.
type process struct {
	*exec.Cmd
	t      *testing.T
	dir    string
	in     *os.File // its standard input
	out    *os.File // its standard output
	lines  *bufio.Reader
	stderr *syncBuffer
	ended  chan struct{}
}

// A syncBuffer is a buffer that may be read while it is written to.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// environment returns the environment without variables that affect auditctl, and with
// more.
func environment(more ...string) []string {
	clean := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "AUDITCTL_") || strings.HasPrefix(v, "OTEL_")
	})
	return append(clean, append([]string{"TZ=UTC", "PAGER=cat"}, more...)...)
}

// start starts a program in a directory of its own.
func start(t *testing.T, program string, args ...string) *process {
	t.Helper()
	return startWith(t, nil, program, args...)
}

// startWith is start with more files, from descriptor 3 on.
func startWith(t *testing.T, files []*os.File, program string, args ...string) *process {
	t.Helper()
	return startIn(t, t.TempDir(), files, program, args...)
}

func startIn(t *testing.T, dir string, files []*os.File, program string, args ...string) *process {
	t.Helper()
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	p := &process{
		Cmd: exec.Command(program, args...), t: t, dir: dir,
		in: inW, out: outR, lines: bufio.NewReader(outR), stderr: &syncBuffer{}, ended: make(chan struct{}),
	}
	p.Dir, p.Env, p.ExtraFiles = dir, environment(), files
	p.Stdin, p.Stdout, p.Stderr = inR, outW, p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	inR.Close()
	outW.Close()
	go func() {
		p.Cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Process.Kill()
		<-p.ended
	})
	return p
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.Close()
		w.Close()
	})
	return r, w
}

// feed writes to the standard input.
func (p *process) feed(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.in, text); err != nil {
		p.t.Fatal(err)
	}
}

// expect reads this text from the standard output.
func (p *process) expect(want string) {
	p.t.Helper()
	expect(p.t, p.out, p.lines, want)
}

func expect(t *testing.T, f *os.File, r io.Reader, want string) {
	t.Helper()
	f.SetReadDeadline(time.Now().Add(patience))
	have := make([]byte, len(want))
	if n, err := io.ReadFull(r, have); err != nil || string(have) != want {
		t.Fatalf("have %q, %v; want %q", have[:n], err, want)
	}
}

// file waits until a file in the process's directory has this text.
func (p *process) file(name, want string) {
	p.t.Helper()
	have := ""
	if !eventually(func() bool {
		text, _ := os.ReadFile(filepath.Join(p.dir, name))
		have = string(text)
		return have == want
	}) {
		p.t.Fatalf("%s has %q, want %q", name, have, want)
	}
}

// exists waits until a file exists in the process's directory.
func (p *process) exists(name string) {
	p.t.Helper()
	if !eventually(func() bool {
		_, err := os.Stat(filepath.Join(p.dir, name))
		return err == nil
	}) {
		p.t.Fatalf("there is no %s", name)
	}
}

// eventually waits until a condition holds.
func eventually(holds func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if holds() {
			return true
		}
	}
	return holds()
}

// exit waits for the end of the process and checks its status and messages.
func (p *process) exit(status int, stderr string) {
	p.t.Helper()
	p.ends(status)
	if p.stderr.String() != stderr {
		p.t.Errorf("said %q, want %q", p.stderr, stderr)
	}
}

// ends waits for the end of the process and checks its status.
func (p *process) ends(status int) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("still runs; said %q", p.stderr)
	}
	if have := p.ProcessState.ExitCode(); have != status {
		p.t.Errorf("exit status %d (%v), want %d; said %q", have, p.ProcessState, status, p.stderr)
	}
}
