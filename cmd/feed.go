package cmd

import (
	"context"
	"sync"

	"auditctl/pkg/collector/jetstream"
)

// A feed reads the lines of a stream. It connects when it is read. What is read is
// passed on by another goroutine, which acknowledges it.
type feed struct {
	address jetstream.Address
	options jetstream.ReaderOptions
	ctx     context.Context // which ends the reading
	cancel  context.CancelFunc

	reading sync.Mutex // held while it is read, or waited for
	reader  *jetstream.Reader

	passed int64 // how many bytes were passed on
}

// newFeed returns the feed of an address. The end of ctx does not end the reading,
// so that what was passed on by then can be acknowledged; close does.
func newFeed(ctx context.Context, a jetstream.Address, opts jetstream.ReaderOptions) *feed {
	f := &feed{address: a, options: opts}
	f.ctx, f.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return f
}

// open opens the feed, which is locked, unless it is open.
func (f *feed) open() (err error) {
	if f.ctx.Err() != nil {
		return context.Cause(f.ctx)
	}
	if f.reader == nil {
		f.reader, err = jetstream.OpenReader(f.ctx, f.address, &f.options)
	}
	return err
}

func (f *feed) Read(p []byte) (int, error) {
	f.reading.Lock()
	defer f.reading.Unlock()
	if err := f.open(); err != nil {
		return 0, err
	}
	return f.reader.Read(p)
}

// wait waits until there is something to read.
func (f *feed) wait() error {
	f.reading.Lock()
	defer f.reading.Unlock()
	if err := f.open(); err != nil {
		return err
	}
	return f.reader.Wait()
}

// pass counts so many bytes as passed on.
func (f *feed) pass(n int64) { f.passed += n }

// acknowledge acknowledges what was passed on.
func (f *feed) acknowledge() {
	if f.passed > 0 {
		f.reader.Ack(f.passed)
	}
}

// origin names the stream as it is read from its first line.
func (f *feed) origin() string {
	if f.options.Cursor != "" {
		return ""
	}
	return f.address.Origin()
}

// close ends the reading. An error says that lines that were acknowledged may come
// again.
func (f *feed) close() error {
	f.cancel()
	f.reading.Lock()
	defer f.reading.Unlock()
	if f.reader == nil {
		return nil
	}
	return f.reader.Close()
}
