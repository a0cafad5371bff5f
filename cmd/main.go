// Package cmd is the auditctl command line: commands, flags and exit statuses. Each
// subcommand has a file of its own, which parses flags and makes the call; what is
// called is in the packages below internal.
package cmd

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"auditctl/cmd/internal/terminal"
)

// Main runs auditctl as a process with its standard streams and signals and
// returns the exit status.
func Main(args []string) int {
	if isHook(args) {
		dieOfSignals()
	}

	// If the reader of standard output leaves, writing fails like any other write,
	// and the other destinations go on. A pager does not inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)

	signals := make(chan os.Signal, 2)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(sig) { // as under nohup
			signal.Notify(signals, sig)
		}
	}

	line := terminal.NewStatusLine(os.Stderr)
	s := Streams{In: standard(os.Stdin, 0, "stdin"), Out: standard(os.Stdout, 1, "stdout"), Err: line, hangup: &hangup{}, forwarded: new(atomic.Bool), pager: new(atomic.Pointer[terminal.Pager])}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	done := make(chan int, 1)
	go func() { done <- Run(ctx, args, s) }()
	var first interruption
	for first.sig == 0 {
		select {
		case status := <-done:
			return status
		case sig := <-signals:
			switch {
			case s.forwarded.Load():
			case sig == syscall.SIGHUP && s.hangup.happened():
			case sig == syscall.SIGINT && s.pager.Load().Interrupt():
			default:
				first = interruption{sig.(syscall.Signal)}
			}
		}
	}
	cancel(first)
	end := line.End
	select {
	case status := <-done:
		return status
	case <-signals:
	case <-time.After(patience):
		end = func() {
			line.End()
			fmt.Fprintf(line, "%s: %v: gave up waiting for a write; a destination may end within a line\n", name, first)
		}
	}
	ended := make(chan struct{})
	go func() {
		end()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(screenPatience):
	}
	return first.status()
}

// standard returns a standard stream with the name that messages use. If whoever shares it
// made it nonblocking, only the file that package os has made of it is waited for.
func standard(f *os.File, fd uintptr, name string) *os.File {
	if f.SetDeadline(time.Time{}) == nil {
		return f
	}
	return os.NewFile(fd, name)
}
