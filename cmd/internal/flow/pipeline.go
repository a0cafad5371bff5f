package flow

import (
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
	depth := workers + 2
	if f.Destinations.SyncsAlways() {
		workers, depth = 1, 1 // what was read is on disk before more is read
	}
	free := make(chan *batch, depth)
	for range depth {
		free <- newBatch(len(f.Outlets))
	}
	inOrder := make(chan *batch, depth) // room for every batch
	stop := make(chan struct{})
	defer close(stop)

	var turn sync.Mutex // held while reading
	src := f.read()
	read := func(b *batch) bool {
		turn.Lock()
		defer turn.Unlock()
		if !src.Next(&b.Block) {
			return false
		}
		inOrder <- b
		return true
	}
	var reading sync.WaitGroup
	for range workers {
		reading.Go(func() {
			e := f.newEvent(new(events.Scanner))
			for {
				select {
				case b := <-free:
					if !read(b) {
						return
					}
					f.check(b, e, f.Limit)
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
			givenUp := f.Destinations.GivenUp()
			if err := f.emit(b); err != nil {
				return err
			}
			if f.Destinations.GivenUp() > givenUp {
				b = newBatch(len(f.Outlets)) // the write still uses its bytes
			}
			b.release()
			free <- b
		case <-f.Halted:
			return fanout.ErrEnough
		case <-ctx.Done():
			f.drain(inOrder)
			return context.Cause(ctx)
		}
	}
}

// read starts reading the inputs.
func (f *Flow) read() input.Source {
	return f.Read(f.Inputs, &input.Options{
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
	})
}

// check checks a batch and signals that it did. e is ready for the next one then.
func (f *Flow) check(b *batch, e *Event, limit int64) {
	ctx, end := context.Background(), func() {}
	if f.Supervise != nil {
		ctx, end = f.Supervise(b.abandon)
	}
	b.check(ctx, f, e, limit)
	if e.redactor != nil {
		b.Redacted = e.redactor.TakeCounts()
	}
	if bounded.Outgrown(b.Block.Lines) {
		e.release()
	}
	end()
	b.checked <- struct{}{}
}

// drain emits what was already read when the flow was interrupted.
func (f *Flow) drain(inOrder <-chan *batch) {
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
