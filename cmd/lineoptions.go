package cmd

import (
	"errors"
	"math"
	"runtime"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/pkg/events"
)

// lineOptions are the flags of every command that reads lines.
type lineOptions struct {
	mode    invalidMode
	rejects string
	max     int
	jobs    int

	// noProgress shows no progress. A command that never does sets it and lacks
	// the flag.
	noProgress bool
}

func (o *lineOptions) register(cmd *cobra.Command) {
	o.max = events.DefaultMaxLine
	fs := cmd.Flags()
	fs.Var(&o.mode, "invalid", "what to do about lines that are not events: report, skip or fail")
	fs.StringVar(&o.rejects, "rejects", "", "also write lines that are not events to `DEST`")
	fs.Var((*lineSize)(&o.max), "max-line", "longest line; a longer one is invalid")
	fs.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many processors check lines at once")
	fs.Lookup("jobs").DefValue = "all"
	if !o.noProgress {
		fs.BoolVar(&o.noProgress, "no-progress", false, "do not show on a terminal how far the files were read")
	}
	offerWords(cmd, "invalid", invalidModes[:]...)
}

// An invalidMode says what invalid lines do to a run. The zero value reports.
type invalidMode int

const (
	reportInvalid invalidMode = iota
	skipInvalid
	failInvalid
)

var invalidModes = [...]string{"report", "skip", "fail"}

var _ pflag.Value = (*invalidMode)(nil)

func (m *invalidMode) String() string { return invalidModes[*m] }
func (m *invalidMode) Type() string   { return "MODE" }

func (m *invalidMode) Set(text string) error {
	for i, mode := range invalidModes {
		if text == mode {
			*m = invalidMode(i)
			return nil
		}
	}
	return errors.New("want report, skip or fail")
}

// A lineSize is a length of lines, of which memory must hold some, as a flag.
type lineSize int

func (v *lineSize) Type() string   { return "SIZE" }
func (v *lineSize) String() string { return sizeText(int64(*v)) }

func (v *lineSize) Set(text string) error {
	n, err := parseSize(text)
	switch {
	case err != nil:
		return err
	case n > math.MaxInt32:
		return errors.New("want less than 2GiB")
	}
	*v = lineSize(n)
	return nil
}
