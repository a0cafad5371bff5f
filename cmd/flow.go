package cmd

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
)

// A flow is the way of lines from the inputs to the destinations. It is the one
// mechanism behind every command that reads lines:
//
//	inputs → batches → workers (check, select) → in order → collectors
//
// As many workers as there are processors read a batch each in their turn and
// check it where its bytes are at hand; the caller's goroutine emits the batches
// in their order. A batch is emitted and flushed as soon as it is checked, so
// nothing waits while the input does.
type flow struct {
	streams Streams
	inputs  []*input.Input
	lines   lineOptions
	reports *report.Reporter
	dests   *fanout.Set

	// observers are told of each batch, in order, and of the end.
	observers []observer
	invalid   *invalidReport // one of them

	// source is how the inputs are read; nil: one after the other.
	source func(inputs []*input.Input, opts *input.Options) input.Source
	last   *input.Last // with which their reading begins; nil: with the start

	whole   fanout.Group // gets every line as it stands; nil: such lines are not passed on
	outlets []outlet
	limit   int64 // how many events the first outlet takes; below zero: all

	rejects  fanout.Group // gets the invalid lines
	recovers bool         // events are looked for on invalid lines
	taken    []int64      // how many events each outlet took

	// note is called for each event, with its line in a batch, by the goroutine that
	// checks it; may be nil.
	note func(s *events.Scanner, line int64)

	// supervise returns the context in which a goroutine asks outlets until end is
	// called. What is supervised may end the goroutine, and calls abandon then. nil:
	// nothing is, and no context ends.
	supervise func(abandon func()) (ctx context.Context, end func())
	halted    <-chan struct{} // closed when the reading does not go on; may be nil

	// conclude prints what the flow came to, of which it is told why it was
	// stopped, and returns what run does; nil: there is nothing to print.
	conclude func(stopped error) error
	untaken  bool // something that was read did not get to where it is to go

	someRead, someUnread bool // of an input something, or its end; nothing but an error

	deliveries []fanout.Delivery // of the batch that is being passed on
}

// errEnough ends a flow early and is no error: enough events were taken, or
// nobody reads any more. What went wrong, if anything, was reported.
var errEnough = fanout.ErrEnough

// newFlow returns a flow without outlets, and its destinations without any.
func newFlow(s Streams, paths []string, lines lineOptions) *flow {
	inputs := input.New(paths, s.In)
	reports := s.reporter()
	invalid := newInvalidReport(lines.mode, inputs, reports)
	f := &flow{
		streams:   s,
		inputs:    inputs,
		lines:     lines,
		reports:   reports,
		invalid:   invalid,
		observers: []observer{&orderReport{reports}, invalid},
		limit:     -1,
	}
	f.dests = fanout.New(f.destinationOptions())
	return f
}

// destinationOptions are the options for f's destinations that no flag says.
func (f *flow) destinationOptions() fanout.Options {
	opts := newSetOptions(f.streams, f.reports)
	for _, in := range f.inputs {
		opts.Inputs = append(opts.Inputs, in)
	}
	return opts
}

// An observer hears what became of the lines, and has its say at the end.
type observer interface {
	// add is called for each batch, in order, after it was passed on.
	add(b *batch)

	// end is called when no more comes, with whether the inputs were read as a whole.
	end(whole bool)
}

// run opens the destinations, reads the inputs to their end, and closes the
// destinations. It returns an error only for a destination that must not be
// used and where ctx ended; for what else went wrong there is status.
func (f *flow) run(ctx context.Context) (err error) {
	if f.lines.jobs < 1 {
		return usagef("--jobs %d: want at least 1", f.lines.jobs)
	}
	if f.rejects, err = f.dests.AddRejects(f.lines.rejects); err != nil {
		return err
	}
	f.taken = make([]int64, len(f.outlets))
	if err = f.dests.Open(ctx); err == nil {
		defer f.showProgress(ctx)()
		err = f.stream(ctx)
		whole := err == nil && f.limit != 0 && !slices.ContainsFunc(f.inputs, (*input.Input).BeganLate)
		for _, o := range f.observers {
			o.end(whole)
		}
		finishErr := f.finish()
		f.untaken = f.untaken || finishErr != nil
		if err == nil {
			err = finishErr
		}
	}
	f.dests.Close()
	if errors.Is(err, errEnough) {
		err = context.Cause(ctx)
	}
	if errors.Is(err, errEnough) { // that ended ctx
		err = nil
	}
	if f.conclude != nil {
		err = f.conclude(err)
	}
	f.settle()
	return err
}

// settle acknowledges what was read of streams if all that was made of it is where
// it is to be, and ends their reading.
func (f *flow) settle() {
	for _, in := range f.inputs {
		if !f.untaken {
			in.Acknowledge()
		}
		if err := in.Close(); err != nil {
			f.reports.Errorf("%s: %v", in.Name(), err)
		}
	}
}

// holds reports whether something of a batch may be held back when it was passed
// on.
func (f *flow) holds() bool {
	return f.dests.Empty() || slices.ContainsFunc(f.outlets, func(o outlet) bool { return o.then != nil })
}

// nothingRead reports whether there were inputs and none could be read: what they
// have is not known then, which is not the same as nothing.
func (f *flow) nothingRead() bool { return f.someUnread && !f.someRead }

// print prints what a flow came to. That nobody reads it is no error.
func (f *flow) print(text []byte) {
	_, err := f.streams.Out.Write(text)
	f.untaken = f.untaken || err != nil
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		f.reports.Errorf("%v", report.Named("write", "stdout", err))
	}
}

// status is the exit status of a flow that was not interrupted, as an error.
func (f *flow) status() error {
	switch {
	case f.reports.Failed():
		return statusError
	case f.invalid.any && f.lines.mode == reportInvalid:
		return statusInvalid
	}
	return nil
}

// stream reads, checks and emits until the inputs end, or ctx does.
func (f *flow) stream(ctx context.Context) error {
	if f.limit == 0 {
		return nil
	}
	workers := min(f.lines.jobs, runtime.GOMAXPROCS(0))
	depth := workers + 2
	if f.dests.SyncsAlways() {
		workers, depth = 1, 1 // what was read is on the disk before more is read
	}
	free := make(chan *batch, depth)
	for range depth {
		free <- newBatch(len(f.outlets))
	}
	inOrder := make(chan *batch, depth) // has room for every batch
	stop := make(chan struct{})
	defer close(stop)

	var turn sync.Mutex // to read
	src := f.read()
	read := func(b *batch) bool {
		turn.Lock()
		defer turn.Unlock()
		if !src.Next(&b.block) {
			return false
		}
		inOrder <- b
		return true
	}
	var reading sync.WaitGroup
	for range workers {
		reading.Go(func() {
			var s events.Scanner
			for {
				select {
				case b := <-free:
					if !read(b) {
						return
					}
					f.check(b, &s, f.limit)
				case <-stop:
					return
				}
			}
		})
	}
	go func() {
		reading.Wait()
		src.Close()
		close(inOrder)
	}()

	for {
		select {
		case b, ok := <-inOrder:
			if !ok {
				return context.Cause(ctx) // the last write may have been interrupted
			}
			stuck := f.dests.Stuck()
			if err := f.emit(b); err != nil {
				return err
			}
			if f.dests.Stuck() > stuck {
				b = newBatch(len(f.outlets)) // the write that does not end keeps its bytes
			}
			b.release()
			free <- b
		case <-f.halted:
			return errEnough
		case <-ctx.Done():
			f.drain(inOrder)
			return context.Cause(ctx)
		}
	}
}

// read begins to read the inputs.
func (f *flow) read() input.Source {
	source := f.source
	if source == nil {
		source = input.Sequence
	}
	return source(f.inputs, &input.Options{
		MaxLine:      f.lines.max,
		AcceptAny:    f.whole != nil,
		AcceptArrays: f.recovers,
		Prompt:       f.whole != nil,
		Undivided:    f.rejects != nil,
		Last:         f.last,
		Reports:      f.reports,
	})
}

// check checks a batch, and says so, with a Scanner that is ready for the next one
// then.
func (f *flow) check(b *batch, s *events.Scanner, limit int64) {
	ctx, end := context.Background(), func() {}
	if f.supervise != nil {
		ctx, end = f.supervise(b.abandon)
	}
	b.check(ctx, f, s, limit)
	if bounded.Outgrown(b.block.Lines) {
		*s = events.Scanner{} // which keeps the last line
	}
	end()
	b.checked <- struct{}{}
}

// drain emits what was already read when the flow was interrupted.
func (f *flow) drain(inOrder <-chan *batch) {
	for {
		select {
		case b, ok := <-inOrder:
			if !ok || f.emit(b) != nil {
				return
			}
		default:
			return
		}
	}
}

// emit passes a batch on once it is checked, and reports what was wrong in it.
func (f *flow) emit(b *batch) error {
	<-b.checked
	if f.limit > 0 && f.taken[0] > 0 && f.taken[0]+b.shares[0].events >= f.limit {
		// With those before, the limit is within this batch. Check it again, only so
		// far, where it can be abandoned.
		go f.check(b, new(events.Scanner), f.limit-f.taken[0])
		<-b.checked
	}
	if b.block.Err == nil || b.lines > 0 {
		f.someRead = true
	} else {
		f.someUnread = true
	}
	err := f.pass(b)
	f.untaken = f.untaken || err != nil || f.dests.RejectsLost()
	if in := b.block.Input; !f.untaken && in != nil {
		in.PassBytes(len(b.whole))
		if !f.holds() {
			in.Acknowledge()
		}
	}
	for _, o := range f.observers {
		o.add(b)
	}
	b.block.Pass(b.lines)
	if b.stopped {
		return errEnough
	}
	return err
}

// pass hands the results of a batch to the collectors and flushes them.
func (f *flow) pass(b *batch) error {
	if b.block.Input != nil {
		f.dests.From(b.block.Input)
	}
	if b.block.Piece && !b.block.Continues && !b.stopped {
		return f.dests.BeginLine(b.block.Lines, f.whole, f.rejects)
	}
	f.deliveries = f.deliveries[:0]
	f.deliver(f.whole, b.whole)
	var enough error
	for i := range b.shares {
		share, outlet := &b.shares[i], &f.outlets[i]
		f.taken[i] += share.events
		lines := share.lines
		if outlet.then != nil {
			lines, enough = outlet.then.arrange(share.arranged[:0], lines, b.block.Input)
			share.arranged = lines
		}
		f.deliver(outlet.to, lines)
	}
	f.deliver(f.rejects, b.rejected())
	if err := f.dests.Send(f.deliveries); err != nil {
		return err
	}
	return enough
}

// finish passes on what was held back.
func (f *flow) finish() error {
	for _, outlet := range f.outlets {
		for outlet.then != nil {
			lines := outlet.then.rest(nil)
			if len(lines) == 0 {
				break
			}
			f.deliveries = f.deliveries[:0]
			f.deliver(outlet.to, lines)
			if err := f.dests.Send(f.deliveries); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *flow) deliver(to fanout.Group, lines []byte) {
	if len(to) > 0 && len(lines) > 0 {
		f.deliveries = append(f.deliveries, fanout.Delivery{To: to, Lines: lines})
	}
}
