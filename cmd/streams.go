package cmd

import (
	"io"
	"time"

	"auditctl/cmd/internal/report"
)

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
