// Package cmd is the auditctl command line. Each subcommand has a file of its
// own; a line's way through them is in flow.go.
package cmd

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
)

// name is what the program is called in its messages and completions. The
// Makefile sets it when auditctl is installed under another name.
var name = "auditctl"

// release is the version of a binary that make release made.
var release string

// Streams are what one run of auditctl reads from and writes to.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	hangup *hangup
}

// reporter returns what writes the messages of a run.
func (s Streams) reporter() *report.Reporter { return report.New(name, s.Err) }

// After a signal, destinations have grace to end whole: half of it for writes that
// were begun, of which one to a pipe that nobody reads would take for ever. The
// command has no longer than patience, and the last message no longer than
// screenPatience, since a terminal may take nothing. They are variables for tests.
var (
	grace          = 2 * time.Second
	patience       = 2 * time.Second
	screenPatience = 250 * time.Millisecond
)

// Main runs auditctl as a process with its standard streams and signals and
// returns the exit status.
func Main(args []string) int {
	// A reader of standard output that leaves makes a write fail like any other;
	// the other destinations must live through it.
	signal.Ignore(syscall.SIGPIPE)

	signals := make(chan os.Signal, 2)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(sig) { // as under nohup
			signal.Notify(signals, sig)
		}
	}

	line := terminal.NewStatusLine(os.Stderr)
	// The names are those that messages use.
	s := Streams{In: os.NewFile(0, "stdin"), Out: os.NewFile(1, "stdout"), Err: line, hangup: &hangup{}}
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
			if sig != syscall.SIGHUP || !s.hangup.happened() {
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
			fmt.Fprintf(line, "%s: %v: what is being done does not end; a destination may end within a line\n", name, first)
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

// An interruption is the cause of a context that a signal ended.
type interruption struct{ sig syscall.Signal }

func (i interruption) Error() string { return i.sig.String() }

func (i interruption) status() int { return 128 + int(i.sig) }
