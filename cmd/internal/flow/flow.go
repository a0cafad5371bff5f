// Package flow carries lines from inputs to destinations. It is the one mechanism of
// every command that reads lines:
//
//	inputs → batches → workers (check, select) → in order → destinations
//
// As many workers as there are processors read a block of lines each in their turn and
// check it where its bytes are at hand; the caller's goroutine passes the batches on in
// their order. A batch is passed on and flushed as soon as it is checked, so nothing
// waits while the input does. No line is lost, changed or passed on twice, and all
// destinations stop after the same one.
package flow

import (
	"context"
	"errors"
	"io"
	"slices"
	"syscall"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
)

// A Flow is the way of lines from inputs to destinations. Its fields are set before it
// runs, once.
type Flow struct {
	Inputs  []*input.Input
	Reports *report.Reporter
	Invalid Invalid // what is done about lines that are not events
	MaxLine int     // how many bytes the longest line has; a longer one is invalid
	Jobs    int     // how many processors check lines at once, of those that there are

	// Read is how the inputs are read, Last with which events that begins, if it is
	// not nil.
	Read func(inputs []*input.Input, opts *input.Options) input.Source
	Last *input.Last

	Destinations *fanout.Set
	Lines        fanout.Group // gets every line as it is; nil: such lines are not passed on
	Outlets      []Outlet
	Rejects      fanout.Group // gets the invalid lines
	Limit        int64        // how many events the first outlet takes, or All

	// Recover looks for events on invalid lines, for the first outlet.
	Recover bool

	// Note is called for each event, with its line in a block, by the goroutine that
	// checks it; may be nil.
	Note func(s *events.Scanner, line int64)

	// Supervise returns the context in which a goroutine asks outlets until end is
	// called. What is supervised may end the goroutine, and calls abandon then. nil:
	// nothing is, and no context ends.
	Supervise func(abandon func()) (ctx context.Context, end func())
	Halted    <-chan struct{} // closed when the reading does not go on; may be nil

	// Conclude prints what the flow came to, of which it is told why it was
	// stopped, and returns what Run does; nil: there is nothing to print.
	Conclude func(stopped error) error

	observers  []Observer
	invalid    *invalidReport // one of them
	taken      []int64        // how many events each outlet took
	incomplete bool           // something that was read did not get to where it is to go

	someRead, someUnread bool // of an input something, or its end; nothing but an error

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

// An Observer hears what became of the lines, and has its say at the end.
type Observer interface {
	// Add is called for each block, in order, after its lines were passed on.
	Add(r *Result)

	// End is called when no more comes, with whether the inputs were read as a whole.
	End(whole bool)
}

// Observe adds an observer, which has its say after those before.
func (f *Flow) Observe(o Observer) { f.observers = append(f.observers, o) }

// Run opens the destinations, reads the inputs to their end, and closes the
// destinations. It returns an error only for a destination that must not be
// used and where ctx ended; what else went wrong was reported.
func (f *Flow) Run(ctx context.Context) (err error) {
	f.taken = make([]int64, len(f.Outlets))
	if err = f.Destinations.Open(ctx); err == nil {
		err = f.stream(ctx)
		whole := err == nil && f.Limit != 0 && !slices.ContainsFunc(f.Inputs, (*input.Input).BeganLate)
		for _, o := range f.observers {
			o.End(whole)
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
	if errors.Is(err, fanout.ErrEnough) { // that ended ctx
		err = nil
	}
	if f.Conclude != nil {
		err = f.Conclude(err)
	}
	f.settle()
	return err
}

// settle acknowledges what was read of streams if all that was made of it is where
// it is to be, and ends their reading.
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

// NothingRead reports whether there were inputs and none could be read: what they
// have is not known then, which is not the same as nothing.
func (f *Flow) NothingRead() bool { return f.someUnread && !f.someRead }

// MarkIncomplete says that something that was read did not get to where it is to go,
// so that it is not acknowledged.
func (f *Flow) MarkIncomplete() { f.incomplete = true }

// Print prints what the flow came to on standard output. That nobody reads it is no
// error.
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
