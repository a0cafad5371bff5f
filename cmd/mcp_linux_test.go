package cmd_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A key on a terminal that sends a signal sends it once.
func TestTerminalMCPInterrupt(t *testing.T) {
	t.Parallel()
	screen, tty := openTerminal(t, 80)
	p := exec.Command("auditctl", "mcp", "-o", os.DevNull, "--", "sh", "-c",
		`trap 'n=x$n; echo caught $n' INT; echo ready; until read line; do :; done; echo all $n; exit 9`)
	p.Env, p.Stdin, p.Stdout, p.Stderr = environment(), tty, tty, tty
	p.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	tty.Close()
	lines := bufio.NewScanner(screen)
	await := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), want) {
				if !strings.HasSuffix(lines.Text(), want) {
					t.Errorf("have %q, want %q", lines.Text(), want)
				}
				return
			}
		}
		t.Fatalf("no %q", want)
	}
	await("ready")
	screen.WriteString("\x03")
	await("caught x")
	screen.WriteString("line\n")
	await("all x")
	p.Wait()
	if status := p.ProcessState.ExitCode(); status != 9 {
		t.Errorf("%v", p.ProcessState)
	}
}

// If this command is killed, so is the server, even if it does not care for anything else.
func TestMCPKilled(t *testing.T) {
	t.Parallel()
	alive, held := pipe(t)
	p := startWith(t, []*os.File{held}, "auditctl", "mcp", "-o", os.DevNull, "--", "sh", "-c",
		"trap '' HUP INT TERM PIPE; echo ready; while :; do read line; done")
	held.Close()
	p.expect("ready\n")
	p.Process.Kill()
	alive.SetReadDeadline(time.Now().Add(patience))
	if _, err := io.Copy(io.Discard, alive); err != nil {
		t.Error(err)
	}
}
