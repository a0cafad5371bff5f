// Package flow carries lines from inputs to destinations, for every command that reads
// lines:
//
//	inputs → batches → workers (check, select) → in order → destinations
//
// The workers, one for each processor, take turns reading a block of lines, which each
// of them checks itself while the bytes are in its cache. The one that finishes the batch
// which is next in order passes it on, and those after it that others have finished. A
// batch is passed on and flushed as soon as it is checked, so nothing waits while the
// input pauses. No line is lost, changed or passed on twice, and all destinations stop
// after the same line.
package flow

import (
	"context"
	"errors"
	"io"
	"slices"
	"syscall"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/redaction"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/redact"
)

// A Flow carries lines from inputs to destinations. Its fields are set before Run, and
// it runs once.
type Flow struct {
	Inputs []*input.Input

	// Directories are those that some of the inputs were found below.
	Directories []*input.Directory

	Reports *report.Reporter
	Invalid Invalid // what to do with lines that are not events
	MaxLine int     // bytes of the longest valid line
	Jobs    int     // how many workers check lines, at most one for each processor

	// Read is how the inputs are read. If Last is not nil, it says with which events
	// that begins.
	Read func(inputs []*input.Input, opts *input.Options) input.Source
	Last *input.Last
	From *input.From // what inputs are decoded from; nil: they are not

	// Destinations that are tried again are for inputs that are awaited only.
	Destinations *fanout.Set
	Lines        fanout.Group // gets every line; nil: nobody does
	Outlets      []Outlet
	Rejects      fanout.Group // gets the invalid lines
	Limit        int64        // how many events the first outlet takes, or All

	// Redaction takes out of lines what must not be kept: outlets select events by the lines
	// as they were read, and everybody gets what it leaves of them. An invalid line leaves
	// its length and hash, and no message quotes what was read. nil: all stays.
	Redaction *redaction.Redaction

	// Recover recovers events from invalid lines, for the first outlet.
	Recover bool

	// Hint returns what a user can do about an input whose lines have no event_type, by
	// one of them; nil: each is reported as any other invalid line.
	Hint func(line []byte) string

	// Overview decides which blocks of logs that have an index are read, if the inputs are
	// files that are read in turn; nil: all are. QuietIndexes keeps it from saying which
	// indexes are not used.
	Overview     Overview
	QuietIndexes bool

	// Note is called for each event, with the number of its line in the block, by the
	// goroutine that checks it; may be nil.
	Note func(s *events.Scanner, line int64)

	// Supervise returns the context in which a goroutine calls outlets until it calls
	// end. If a supervised call ends the goroutine instead, abandon is called. nil:
	// calls are not supervised, and their context never ends.
	Supervise func(abandon func()) (ctx context.Context, end func())
	Halted    <-chan struct{} // closed if reading is stuck for good; may be nil

	// Conclude prints the result of the flow. It gets the reason why the flow was
	// stopped, and returns what Run returns; nil: there is nothing to print.
	Conclude func(stopped error) error

	observers  []Observer
	invalid    *invalidReport      // one of them
	taken      []int64             // how many events each outlet took
	long       *redact.InvalidLine // the line whose pieces are being passed on; nil: none
	incomplete bool                // something that was read did not reach its destinations

	someRead   bool // of some input, lines or its end were read
	someUnread bool // of some input, nothing but an error

	deliveries []fanout.Delivery // of the batch that is being passed on
}

// All is no limit.
const All = -1

// New returns a Flow without destinations.
func New(inputs []*input.Input, reports *report.Reporter) *Flow {
	f := &Flow{Inputs: inputs, Reports: reports, MaxLine: events.DefaultMaxLine, Jobs: 1, Read: input.Sequence, Limit: All}
	f.invalid = newInvalidReport(f)
	f.Observe(orderReport{reports})
	f.Observe(f.invalid)
	return f
}

// An Overview is an [input.Overview] for a flow.
type Overview interface {
	input.Overview

	// Reread is called when the inputs were read to their end. It reports whether Note has
	// to be called for all events again, since those that were skipped may matter.
	Reread() bool
}

// An Observer gets the results of all blocks, and can report at the end.
type Observer interface {
	// Add is called for each block, in order, after its lines were passed on.
	Add(r *Result)

	// End is called after the last block. whole reports whether the inputs were read
	// from start to end.
	End(whole bool)
}

// Observe adds an observer, which is called after those that were added before.
func (f *Flow) Observe(o Observer) { f.observers = append(f.observers, o) }

// Run opens the destinations, reads the inputs to their end, and closes the
// destinations. It returns an error only if a destination must not be used or ctx
// ended; all other errors were reported.
func (f *Flow) Run(ctx context.Context) (err error) {
	f.taken = make([]int64, len(f.Outlets))
	for i := range f.Outlets {
		f.Outlets[i].locator, _ = f.Outlets[i].Then.(Locator)
	}
	if f.Redaction != nil {
		f.Observe(redactionReport{f.Redaction, f.Reports})
	}
	if err = f.Destinations.Open(ctx); err == nil {
		for _, d := range f.Directories {
			if d.LeftOut != "" {
				f.Reports.Printf("%s: %s", d.Path(), d.LeftOut)
			}
		}
		err = f.stream(ctx)
		whole := err == nil && f.Limit != 0 && !slices.ContainsFunc(f.Inputs, (*input.Input).BeganLate)
		if whole && f.Overview != nil && f.Overview.Reread() {
			err = f.reread(ctx)
			whole = err == nil
		}
		for _, o := range f.observers {
			o.End(whole)
		}
		if f.From != nil && f.From.Strays() > 0 && !f.From.Quiet {
			f.Reports.Printf("%s without events left out", report.Counted(f.From.Strays(), "JSON file"))
		}
		finishErr := f.finish()
		f.incomplete = f.incomplete || finishErr != nil
		if err == nil {
			err = finishErr
		}
	}
	f.Destinations.Close()
	if errors.Is(err, fanout.ErrEnough) {
		err = context.Cause(ctx)
	}
	if errors.Is(err, fanout.ErrEnough) { // which ended ctx
		err = nil
	}
	if f.Conclude != nil {
		err = f.Conclude(err)
	}
	f.settle()
	return err
}

// reread calls Note for all events again.
func (f *Flow) reread(ctx context.Context) error {
	again := New(input.Again(f.Inputs), report.New("", io.Discard))
	again.Invalid, again.MaxLine, again.Jobs, again.Note = SkipInvalid, f.MaxLine, f.Jobs, f.Note
	if f.From != nil {
		again.From = f.From.Another()
	}
	again.Destinations = fanout.New(fanout.Options{})
	return again.Run(ctx)
}

// settle acknowledges what was read of streams if all of it reached its destinations,
// and ends their reading.
func (f *Flow) settle() {
	for _, in := range f.Inputs {
		if !f.incomplete {
			in.Acknowledge()
		}
		if err := in.Close(); err != nil {
			f.Reports.Errorf("%s: %v", in.Name(), err)
		}
	}
}

// Taken returns how many events the first outlet took.
func (f *Flow) Taken() int64 { return f.taken[0] }

// AnyInvalid reports whether there was an invalid line.
func (f *Flow) AnyInvalid() bool { return f.invalid.any }

// NothingRead reports whether there were inputs and none could be read: then it is
// unknown what they have, which is not the same as nothing.
func (f *Flow) NothingRead() bool { return f.someUnread && !f.someRead }

// MarkIncomplete says that something that was read did not reach its destinations, so
// that nothing more is acknowledged.
func (f *Flow) MarkIncomplete() { f.incomplete = true }

// Print prints the result of the flow on standard output. It is no error if nobody
// reads that.
func (f *Flow) Print(out io.Writer, text []byte) {
	_, err := out.Write(text)
	if err == nil {
		return
	}
	f.MarkIncomplete()
	if !errors.Is(err, syscall.EPIPE) {
		f.Reports.Errorf("%v", report.Named("write", "stdout", err))
	}
}
