package fanout

import (
	"fmt"
	"io"
	"os"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
)

// Options are options for a [Set].
type Options struct {
	Out     io.Writer // standard output
	Inputs  []Input   // none of the destinations may be one
	Reports *report.Reporter
	Version string // of the program

	// How files are written. Logger and Rotating are the Set's.
	Files collector.JSONLOptions
	Seal  *Seal // nil: they are not sealed

	Require     int  // how many for events must be left; zero: one, RequireAll: all
	StopOnError bool // at the first failure

	Stall time.Duration // how long one may take nothing; zero: for ever
	Spool string        // a directory for the lines of a stream that is away; empty: none

	// Grace is how long the destinations have to end whole once the command is to
	// end.
	Grace time.Duration

	// OnHangup sets what a hang-up does while there are files that can be reopened.
	// It may be nil.
	OnHangup func(action func())

	// After is time.After, unless a test puts a clock of its own in its place that
	// says when a destination has stalled.
	After func(time.Duration) <-chan time.Time
}

// RequireAll requires that all destinations are left.
const RequireAll = -1

// An Input is what a Set knows of where lines come from.
type Input interface {
	// Path is the path or address, - for standard input.
	Path() string

	// Stat returns what is known of a file before it is opened, nil if it is none.
	Stat() os.FileInfo

	// Address returns the address of a stream, false if it is none.
	Address() (jetstream.Address, bool)

	// Origin names the place, the same in every run; empty if lines cannot be read
	// again from the first one.
	Origin() string
}

// A UsageError says which destinations or options cannot be, in the words of the
// command line.
type UsageError struct{ error }

func usagef(format string, args ...any) error {
	return UsageError{fmt.Errorf(format, args...)}
}
