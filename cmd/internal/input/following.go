package input

import (
	"context"
	"runtime"
	"sync"

	"auditctl/pkg/dialect"
	"auditctl/pkg/follow"
	"auditctl/pkg/openfiles"
)

// Follow reads inputs in parallel until ctx ends, and waits for more at their ends.
// Lines of one input keep their order; those of several come as they are written.
func Follow(ctx context.Context, inputs []*Input, opts *Options) Source {
	beginLast(inputs, opts, true)
	return &following{
		ctx: ctx, inputs: inputs, options: opts, ended: make(chan struct{}),
		empty: make(chan *Block), filled: make(chan struct{}),
		starts: make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
}

type following struct {
	ctx     context.Context // which ends the reading
	inputs  []*Input
	options *Options
	begin   sync.Once
	watcher *follow.Watcher
	reading sync.WaitGroup
	ended   chan struct{} // closed when all inputs have ended

	// An input that has read lines fills an empty block with them.
	empty  chan *Block
	filled chan struct{}

	// Inputs take turns reading, so that there are few blocks however many inputs
	// there are. None keeps its turn while it waits for more.
	turn  sync.Mutex
	spare dialect.Block

	starts chan struct{} // has room for as many as may look for their last events at once
}

func (f *following) Next(b *Block) bool {
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

// notificationsOpenFiles is where the system's notifications take an open file for each
// file of a directory.
const notificationsOpenFiles = runtime.GOOS != "linux" && runtime.GOOS != "windows"

func (f *following) start() {
	files := openfiles.NewPool(f.options.MostOpen)
	if len(f.inputs) > files.Most() && notificationsOpenFiles {
		f.watcher = follow.NewPoller()
	} else {
		f.watcher = follow.NewWatcher()
	}
	f.watcher.Files = files
	context.AfterFunc(f.ctx, f.watcher.Close)
	later := newAppearing(f)
	for _, in := range f.inputs {
		if in.stream != nil {
			f.reading.Go((&followed{following: f, input: in}).readStream)
			continue
		}
		later.follow(in)
	}
	if len(f.options.Directories) > 0 {
		f.reading.Go(later.find)
	}
	go func() {
		f.reading.Wait()
		close(f.ended)
	}()
}

// Close does nothing: reading ends with the context.
func (f *following) Close() {}

// deliver swaps lines of an input, or its end, with the buffers of an empty block. It
// returns false when nobody reads any more.
func (f *following) deliver(in *Input, block *dialect.Block, fill func(b *Block)) bool {
	select {
	case b := <-f.empty:
		b.reset(in)
		b.Block, *block = *block, b.Block
		fill(b)
		f.filled <- struct{}{}
		return true
	case <-f.ctx.Done():
		return false
	}
}
