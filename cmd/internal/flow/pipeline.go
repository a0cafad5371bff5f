package flow

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"

	"auditctl/cmd/internal/bounded"
	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// stream reads, checks and emits until the inputs end, or ctx does.
func (f *Flow) stream(ctx context.Context) error {
	if f.Limit == 0 {
		return nil
	}
	workers := min(f.Jobs, runtime.GOMAXPROCS(0))
	if f.Destinations.SyncsAlways() {
		workers = 1 // what was read is on disk before more is read
	}
	q := newQueue(workers+2, len(f.Outlets), f.passOn)
	src := f.read()
	var turn sync.Mutex // held while reading
	read := func(b *batch) bool {
		turn.Lock()
		defer turn.Unlock()
		return src.Next(&b.Block) && q.add(b)
	}
	var reading sync.WaitGroup
	for range workers {
		reading.Go(func() {
			e := f.newEvent(new(events.Scanner))
			for b := q.take(); b != nil && read(b); b = q.take() {
				f.check(b, e, f.Limit, func() { q.check(b) })
			}
		})
	}
	go func() {
		reading.Wait()
		src.Close()
		q.close()
	}()

	var stopped error
	select {
	case <-q.done:
	case <-f.Halted:
		stopped = fanout.ErrEnough
	case <-ctx.Done():
	}
	q.close()
	<-q.done
	return cmp.Or(context.Cause(ctx), stopped, q.err) // the last write may have been interrupted
}

// passOn passes on a batch that is next, and returns one that can be used again.
func (f *Flow) passOn(b *batch) (*batch, error) {
	givenUp := f.Destinations.GivenUp()
	if err := f.emit(b); err != nil {
		return nil, err
	}
	if f.Destinations.GivenUp() > givenUp {
		return newBatch(len(f.Outlets)), nil // the write still uses its bytes
	}
	b.release()
	return b, nil
}

// read starts reading the inputs.
func (f *Flow) read() input.Source {
	opts := &input.Options{
		MaxLine:      f.MaxLine,
		AcceptAny:    f.Lines != nil,
		AcceptArrays: f.Recover,
		Prompt:       f.Lines != nil,
		Undivided:    f.Rejects != nil,
		Last:         f.Last,
		From:         f.From,
		Originals:    slices.ContainsFunc(f.Outlets, func(o Outlet) bool { return o.Original }),
		Reports:      f.Reports,
		Directories:  f.Directories,
		QuietIndexes: f.QuietIndexes,
	}
	if f.Overview != nil && input.AllFiles(f.Inputs) {
		opts.Overview = f.Overview
	}
	return f.Read(f.Inputs, opts)
}

// check checks a batch and then calls checked, at once if the check is abandoned. e is
// ready for the next batch before that.
func (f *Flow) check(b *batch, e *Event, limit int64, checked func()) {
	ctx, end := context.Background(), func() {}
	if f.Supervise != nil {
		ctx, end = f.Supervise(func() {
			b.abandon()
			go checked()
		})
	}
	b.check(ctx, f, e, limit)
	if e.redactor != nil {
		b.Redacted = e.redactor.TakeCounts()
	}
	if bounded.Outgrown(b.Block.Lines) {
		e.release()
	}
	end()
	checked()
}
