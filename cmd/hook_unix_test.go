//go:build unix

package cmd_test

import (
	"strings"
	"syscall"
	"testing"
)

// makeHang makes something that hangs when it is opened.
func makeHang(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Where the runtime ends a hook, that is by a signal: its own status would block the agent.
func TestHookDiesOfSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGQUIT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			p := start(t, "auditctl", "hook", "-o", "audit.jsonl")
			p.feed("{" + strings.Repeat(" ", 1<<20)) // more than a pipe holds: it reads
			p.Process.Signal(sig)
			<-p.ended
			if status := p.ProcessState.Sys().(syscall.WaitStatus); status.ExitStatus() == 2 {
				t.Errorf("%v", p.ProcessState)
			}
		})
	}
}
