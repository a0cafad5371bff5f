package cmd

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/events"
)

// lineOptions are the flags of every command that reads lines.
type lineOptions struct {
	invalid invalidMode
	rejects string
	max     int
	jobs    int

	typed   bool   // no input is named, so that lines may be typed
	instead string // how to name one
	silent  bool   // do not say so

	// draw draws something else on a terminal than the progress; may be nil.
	draw func(*terminal.StatusLine)

	// noProgress hides the progress. A command that never shows any sets it before
	// register, and has no flag for it.
	noProgress bool
}

func (o *lineOptions) register(cmd *cobra.Command) {
	o.max = events.DefaultMaxLine
	fs := cmd.Flags()
	fs.Var(&o.invalid, "invalid", "what to do with lines that are not events: report, skip or fail")
	fs.StringVar(&o.rejects, "rejects", "", "write lines that are not events to `DEST` as well")
	fs.Var((*lineSize)(&o.max), "max-line", "longest valid line; longer lines are invalid")
	groupFlags(cmd, flagsForInvalidLines)
	fs.IntVarP(&o.jobs, "jobs", "j", runtime.GOMAXPROCS(0), "check lines on `N` processors in parallel")
	fs.Lookup("jobs").DefValue = "all"
	if !o.noProgress {
		fs.BoolVar(&o.noProgress, "no-progress", false, "do not show progress on a terminal")
	}
	groupFlags(cmd, flagsForRun)
	switch {
	case strings.Contains(cmd.Use, "FILE"):
		o.instead = "or name a FILE"
	case fs.Lookup("input") != nil:
		o.instead = "or add --input FILE"
	}
	completeWords(cmd, "invalid", invalidModes[:]...)
}

// newFlow returns a flow of the lines in paths, without outlets, and the options for its
// destinations that depend on no flag.
func (o *lineOptions) newFlow(s Streams, paths []string) (*flow.Flow, fanout.Options) {
	f := flow.New(input.New(paths, s.In), s.reporter())
	f.Invalid, f.MaxLine, f.Jobs = flow.Invalid(o.invalid), o.max, o.jobs
	opts := fanoutOptions(s, f.Reports)
	setInputs(&opts, f)
	o.typed = len(paths) == 0
	return f, opts
}

// setInputs says what no destination may be.
func setInputs(opts *fanout.Options, f *flow.Flow) {
	opts.Inputs, opts.Directories = nil, nil
	for _, in := range f.Inputs {
		opts.Inputs = append(opts.Inputs, in)
	}
	for _, d := range f.Directories {
		opts.Directories = append(opts.Directories, d)
	}
}

// run adds the destination for invalid lines to a flow that has all others, and runs
// it. See statusOf for how that went.
func (o *lineOptions) run(ctx context.Context, s Streams, f *flow.Flow) (err error) {
	if o.jobs < 1 {
		return usagef("--jobs %d: want at least 1", o.jobs)
	}
	if f.Rejects, err = f.Destinations.AddRejects(o.rejects); err != nil {
		return err
	}
	if o.typed && !o.silent {
		awaitTyping(s, f.Reports, o.instead)
	}
	switch line, ok := s.Err.(*terminal.StatusLine); {
	case !ok || f.Destinations.OnScreen():
	case o.draw != nil:
		o.draw(line)
	case !o.noProgress && line.Drawable():
		defer flow.ShowProgress(ctx, line, f.Inputs)()
	}
	return f.Run(ctx)
}

// statusOf returns the exit status of a flow that was not interrupted, as an error.
func statusOf(f *flow.Flow) error {
	switch {
	case f.Reports.Failed():
		return statusError
	case f.AnyInvalid() && f.Invalid == flow.ReportInvalid:
		return statusInvalid
	}
	return nil
}

// An invalidMode is a flow.Invalid as a flag.
type invalidMode flow.Invalid

var invalidModes = [...]string{flow.ReportInvalid: "report", flow.SkipInvalid: "skip", flow.FailInvalid: "fail"}

var _ pflag.Value = (*invalidMode)(nil)

func (m *invalidMode) String() string { return invalidModes[*m] }
func (m *invalidMode) Type() string   { return "MODE" }

func (m *invalidMode) Set(text string) error {
	i := slices.Index(invalidModes[:], text)
	if i < 0 {
		return notOneOf(text, invalidModes[:]...)
	}
	*m = invalidMode(i)
	return nil
}

// A lineSize is a flag for the length of lines, a few of which must fit into memory.
type lineSize int

func (v *lineSize) Type() string   { return "SIZE" }
func (v *lineSize) String() string { return report.Size(int64(*v)) }

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
