//go:build unix

package cmd_test

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
)

// Streams that are nonblocking, since somebody who shares them made them so, are waited for.
func TestNonblocking(t *testing.T) {
	t.Parallel()
	inR, in := pipe(t)
	out, outW := pipe(t)
	inR, outW = nonblocking(t, inR), nonblocking(t, outW)
	p := exec.Command("auditctl", "tee")
	p.Env, p.Stdin, p.Stdout, p.Stderr = environment(), inR, outW, os.Stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	inR.Close()
	outW.Close()
	first, rest := `{"event_type": "first"}`+"\n", strings.Repeat(`{"event_type": "base"}`+"\n", 10_000)
	in.WriteString(first)
	expect(t, out, out, first) // so it waited for more
	go func() {
		in.WriteString(rest)
		in.Close()
	}()
	got, err := io.ReadAll(iotest.OneByteReader(out))
	if err != nil || string(got) != rest {
		t.Errorf("%d bytes of %d came out, %v", len(got), len(rest), err)
	}
	if err := p.Wait(); err != nil {
		t.Error(err)
	}
}

// nonblocking returns a file in place of another that stays nonblocking for a process that
// is started with it.
func nonblocking(t *testing.T, f *os.File) *os.File {
	t.Helper()
	fd, err := syscall.Dup(int(f.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	return os.NewFile(uintptr(fd), f.Name())
}
