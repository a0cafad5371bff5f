package cmd

import (
	"context"
	"errors"
	"runtime"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// A flow is the way of lines from the inputs to the destinations. It is the one
// mechanism behind every command that reads lines:
//
//	reader → batches → workers (check, select) → in order → collectors
//
// One goroutine reads ahead, as many workers as there are processors check, and
// the caller's goroutine emits the batches in their order. A batch is emitted
// and flushed as soon as it is checked, so nothing waits while the input does.
type flow struct {
	streams  Streams
	inputs   []*input
	lines    lineOptions
	reports  *reporter
	dests    *destinations
	rejects  collector.LinesCollector // gets the invalid lines; may be nil
	whole    collector.LinesCollector // gets every line as it stands; may be nil
	outlets  []outlet
	limit    int64 // how many events the first outlet takes; below zero: all
	workers  int
	input    *input // the current one
	lineBase int64  // its lines before the current batch
	bad      int64  // its invalid lines
	anyBad   bool
	taken    []int64 // how many events each outlet took
}

// An outlet takes events and passes on what it makes of them.
type outlet struct {
	// take appends what goes to the collector for the event that s scanned,
	// with its line feed, and reports whether it took the event.
	take func(dst []byte, s *events.Scanner) (lines []byte, took bool, err error)
	to   collector.LinesCollector
}

// errEnough ends a flow early and is no error: enough events were taken, or
// nobody reads any more. What went wrong, if anything, was reported.
var errEnough = errors.New("enough")

// newFlow returns a flow without outlets, and its destinations without any.
func newFlow(s Streams, paths []string, lines lineOptions) *flow {
	inputs := newInputs(paths)
	reports := &reporter{w: s.Err}
	return &flow{
		streams: s,
		inputs:  inputs,
		lines:   lines,
		reports: reports,
		dests:   newDestinations(s, inputs, reports),
		limit:   -1,
		workers: runtime.GOMAXPROCS(0),
	}
}

// run opens the destinations, reads the inputs to their end, and closes the
// destinations. It returns an error only where ctx ended; for what else went
// wrong there is status.
func (f *flow) run(ctx context.Context) error {
	f.taken = make([]int64, len(f.outlets))
	err := f.dests.open(ctx)
	if err == nil {
		err = f.stream(ctx)
		f.endInput()
	}
	f.dests.close()
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// status is the exit status of a flow that was not interrupted, as an error.
func (f *flow) status() error {
	switch {
	case f.reports.failed:
		return statusError
	case f.anyBad && f.lines.mode == invalidReport:
		return statusInvalid
	}
	return nil
}

func (f *flow) stream(ctx context.Context) error {
	if f.limit == 0 {
		return nil
	}
	stop := make(chan struct{})
	defer close(stop)
	depth := f.workers + 2
	free := make(chan *batch, depth)
	for range depth {
		free <- newBatch(len(f.outlets))
	}
	unchecked := make(chan *batch, depth)
	inOrder := make(chan *batch, depth)

	go func() {
		defer close(unchecked)
		defer close(inOrder)
		next := func() *batch {
			select {
			case b := <-free:
				return b
			case <-stop:
				return nil
			}
		}
		send := func(b *batch) bool { // there is room for every batch
			unchecked <- b
			inOrder <- b
			return true
		}
		for _, in := range f.inputs {
			if !in.read(f.streams, f.lines.max, next, send) {
				return
			}
		}
	}()
	for range f.workers {
		go func() {
			var s events.Scanner
			for b := range unchecked {
				b.check(f, &s, -1)
				b.checked <- struct{}{}
			}
		}()
	}

	for {
		select {
		case b, ok := <-inOrder:
			if !ok {
				return nil
			}
			if err := f.emit(b); err != nil {
				return err
			}
			free <- b
		case <-ctx.Done():
			return f.drain(inOrder, context.Cause(ctx))
		}
	}
}

// drain emits what was already read when the flow was interrupted.
func (f *flow) drain(inOrder <-chan *batch, cause error) error {
	for {
		select {
		case b, ok := <-inOrder:
			if !ok {
				return cause
			}
			if err := f.emit(b); err != nil {
				return cause
			}
		default:
			return cause
		}
	}
}

// emit passes a batch on once it is checked, and reports what was wrong in it.
func (f *flow) emit(b *batch) error {
	<-b.checked
	if f.limit > 0 && f.taken[0]+b.shares[0].events >= f.limit {
		// The limit is within this batch. Check it again, only so far.
		b.check(f, new(events.Scanner), f.limit-f.taken[0])
	}
	err := f.pass(b)
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	f.report(b)
	if b.stopped {
		return errEnough
	}
	return err
}

// pass hands the results of a batch to the collectors and flushes them.
func (f *flow) pass(b *batch) error {
	if f.whole != nil {
		if err := emitAndFlush(f.whole, b.whole); err != nil {
			return err
		}
	}
	for i, share := range b.shares {
		f.taken[i] += share.events
		if err := emitAndFlush(f.outlets[i].to, share.lines); err != nil {
			return err
		}
	}
	if f.rejects != nil {
		return emitAndFlush(f.rejects, b.rejects)
	}
	return nil
}

func emitAndFlush(c collector.LinesCollector, lines []byte) error {
	if c == nil || len(lines) == 0 {
		return nil
	}
	if err := c.EmitLines(lines); err != nil {
		return err
	}
	return c.Flush()
}

// report says what was invalid in a batch, and how its input ended.
func (f *flow) report(b *batch) {
	f.anyBad = f.anyBad || b.bad > 0
	switch f.lines.mode {
	case invalidReport:
		for i, syntax := range b.invalid {
			if f.bad+int64(i) < maxReports {
				syntax.Line += f.lineBase
				f.reports.printf("%s:%v", b.input.name, &syntax)
			}
		}
	case invalidFail:
		for _, syntax := range b.invalid {
			syntax.Line += f.lineBase
			f.reports.errorf("%s:%v", b.input.name, &syntax)
		}
	}
	f.input = b.input
	f.bad += b.bad
	f.lineBase += b.lines
	if b.err != nil && !b.stopped {
		f.reports.errorf("%v", named("read", b.input.name, b.err))
	}
	if b.last {
		f.endInput()
	}
}

// endInput says how many lines of an input were invalid that were not reported
// one by one.
func (f *flow) endInput() {
	if more := f.bad - maxReports; more > 0 && f.lines.mode == invalidReport {
		f.reports.printf("%s: %d more invalid lines, %d in all", f.input.name, more, f.bad)
	}
	f.bad, f.lineBase = 0, 0
}
