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
	Out    io.Writer // standard output
	Inputs []Input   // no destination may be one of them

	// Directories are inputs, too: no destination may be read as one of their logs.
	Directories []Directory

	Reports *report.Reporter
	Version string // of the program

	// How files are written. Logger and Rotating are the Set's.
	Files collector.JSONLOptions
	Seal  *Seal // nil: they are not sealed

	Nonces   *Nonces   // nil: events get no nonces
	Sequence *Sequence // nil: events are not numbered

	// Part says that the Set has only some of the destinations that the options are for,
	// and that they were checked as the destinations of another Set.
	Part bool

	Require     int  // how many destinations of events must be left; zero: one, RequireAll: all
	StopOnError bool // stop at the first failure

	// Retry tries a destination that fails or stalls again, each time that something is
	// sent to it, instead of dropping it. What it missed meanwhile is not sent to it again
	// unless the caller does so: see [ErrMissed].
	Retry bool

	Stall time.Duration // how long one may take nothing; zero: forever, or 5s with Retry
	OTLP  OTLP

	// Spool is a directory for lines that destinations do not take; empty: none. What waits
	// there for the destinations is delivered first. While a stream is unavailable, lines
	// for it are kept there.
	Spool string

	// SpoolAfter, if not zero, is for a command that has no time to wait: lines that a
	// destination has not taken after that time are kept in Spool, whatever it is, and
	// delivered by the next command. They then count as written.
	SpoolAfter time.Duration

	// Grace is how long the destinations may take to finish once the command is
	// interrupted.
	Grace time.Duration

	// OnHangup sets what SIGHUP does while there are files that can be reopened. It
	// may be nil.
	OnHangup func(action func())

	// After is time.After by default. Tests replace it, to decide when a destination
	// has stalled.
	After func(time.Duration) <-chan time.Time
}

// RequireAll requires all destinations to be left.
const RequireAll = -1

// An Input is what a Set knows about a place that lines come from.
type Input interface {
	// Path is the path or address, - for standard input.
	Path() string

	// Stat returns what is known of a file before it is opened, nil if there is none.
	Stat() os.FileInfo

	// Address returns the address of a stream, false if it is none.
	Address() (jetstream.Address, bool)

	// Origin names the place, the same in every run. It is empty if lines cannot be
	// read again from the first one.
	Origin() string
}

// A Directory is what a Set knows about a directory whose logs are inputs.
type Directory interface {
	// Path is the path of the directory.
	Path() string

	// Reads reports whether a file at a path, which need not exist, is one of the logs.
	Reads(path string) bool
}

// A UsageError says which destinations or options are not allowed, in the terms of the
// command line.
type UsageError struct{ error }

func usagef(format string, args ...any) error {
	return UsageError{fmt.Errorf(format, args...)}
}
