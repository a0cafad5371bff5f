package cmd

import (
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
)

// Streams are what one run of auditctl reads from and writes to.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer

	after     func(time.Duration) <-chan time.Time // nil: time.After
	hangup    *hangup
	forwarded *atomic.Bool                    // signals are, to another program
	pager     *atomic.Pointer[terminal.Pager] // that runs or may; nil: there is none
}

// reporter returns a Reporter for the messages of a run.
func (s Streams) reporter() *report.Reporter { return report.New(name, s.Err) }

// clock returns a function that does what time.After does.
func (s Streams) clock() func(time.Duration) <-chan time.Time {
	if s.after == nil {
		return time.After
	}
	return s.after
}

// awaitTyping says that standard input is read, and how to end it, if it is a terminal:
// otherwise nothing would seem to happen. instead is what else can be done, if anything.
func awaitTyping(s Streams, reports *report.Reporter, instead string) {
	if !terminal.Is(s.In) {
		return
	}
	end := "^D"
	if runtime.GOOS == "windows" {
		end = "^Z and Enter"
	}
	if instead != "" {
		instead = ", " + instead
	}
	reports.Printf("reading standard input: type or paste lines, then %s%s", end, instead)
}

// After a signal, destinations get grace to finish, half of it for writes in progress:
// one to a pipe that nobody reads would never end. The whole command gets patience, and
// the last message screenPatience, since a terminal may block. They are variables for
// tests.
var (
	grace          = 2 * time.Second
	patience       = 2 * time.Second
	screenPatience = 250 * time.Millisecond
)
