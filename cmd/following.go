package cmd

import (
	"context"
	"sync"

	"auditctl/pkg/events"
	"auditctl/pkg/follow"
)

// A following reads the inputs side by side and waits for more at their ends.
// Lines of one input keep their order; those of several come as they are
// written.
type following struct {
	ctx     context.Context // which ends the reading
	flow    *flow
	begin   sync.Once
	watcher *follow.Watcher
	reading sync.WaitGroup
	ended   chan struct{} // closed when all inputs have

	// An input that has read a block takes an empty batch for it.
	empty  chan *batch
	filled chan struct{}

	// Inputs read in turns, so that there are few blocks however many inputs
	// there are. None keeps its turn while it waits for more.
	turn  sync.Mutex
	spare events.Block
}

// newFollowing returns a following of f's inputs, which are read until ctx ends.
func newFollowing(ctx context.Context, f *flow) source {
	return &following{
		ctx: ctx, flow: f, ended: make(chan struct{}),
		empty: make(chan *batch), filled: make(chan struct{}),
	}
}

func (f *following) next(b *batch) bool {
	f.begin.Do(f.start)
	select {
	case f.empty <- b:
		<-f.filled
		return true
	case <-f.ended:
	case <-f.ctx.Done():
	}
	return false
}

func (f *following) start() {
	f.watcher = follow.NewWatcher()
	context.AfterFunc(f.ctx, f.watcher.Close)
	for _, in := range f.flow.inputs {
		if in.feed != nil {
			f.reading.Go((&followed{following: f, input: in}).readFeed)
			continue
		}
		one := newFollowed(f, in)
		f.reading.Go(one.read)
	}
	go func() {
		f.reading.Wait()
		close(f.ended)
	}()
}

// close has nothing to do: the end of the context ends all.
func (f *following) close() {}

// deliver puts a block of an input, or how it ended, into an empty batch, whose
// block it takes instead. It returns false when nobody wants it any more.
func (f *following) deliver(in *input, block *events.Block, fill func(b *batch)) bool {
	select {
	case b := <-f.empty:
		b.reset(in)
		b.block, *block = *block, b.block
		fill(b)
		f.filled <- struct{}{}
		return true
	case <-f.ctx.Done():
		return false
	}
}
