package input

import (
	"context"
	"sync"

	"auditctl/pkg/collector/jetstream"
)

// A stream is the lines of a place that has a scheme. It connects when it is read.
// What is read is passed on by another goroutine, which acknowledges it.
type stream struct {
	address jetstream.Address
	options jetstream.ReaderOptions
	ctx     context.Context // which ends the reading
	cancel  context.CancelFunc

	reading sync.Mutex // held while it is read, or waited for
	reader  *jetstream.Reader

	passed int64 // how many bytes were passed on
}

// OpenStream has in read the lines of the stream at an address; messages call it by
// name. The end of ctx does not end the reading, so that what was passed on by then can
// be acknowledged; Close does.
func (in *Input) OpenStream(ctx context.Context, name string, a jetstream.Address, opts jetstream.ReaderOptions) {
	in.name = name
	in.stream = &stream{address: a, options: opts}
	in.stream.ctx, in.stream.cancel = context.WithCancel(context.WithoutCancel(ctx))
}

// open opens the stream, which is locked, unless it is open.
func (s *stream) open() (err error) {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if s.reader == nil {
		s.reader, err = jetstream.OpenReader(s.ctx, s.address, &s.options)
	}
	return err
}

// Read reads lines.
func (s *stream) Read(p []byte) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.open(); err != nil {
		return 0, err
	}
	return s.reader.Read(p)
}

// wait waits until there is something to read.
func (s *stream) wait() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	return s.reader.Wait()
}

// origin names the stream as it is read from its first line.
func (s *stream) origin() string {
	if s.options.Cursor != "" {
		return ""
	}
	return s.address.Origin()
}

// close ends the reading. An error says that lines that were acknowledged may come
// again.
func (s *stream) close() error {
	s.cancel()
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.reader == nil {
		return nil
	}
	return s.reader.Close()
}

// PassBytes counts n more bytes of a stream as passed on.
func (in *Input) PassBytes(n int) {
	if in.stream != nil {
		in.stream.passed += int64(n)
	}
}

// Acknowledge acknowledges what was passed on of a stream.
func (in *Input) Acknowledge() {
	if in.stream != nil && in.stream.passed > 0 {
		in.stream.reader.Ack(in.stream.passed)
	}
}

// Close ends the reading of a stream. An error says that lines that were acknowledged
// may come again.
func (in *Input) Close() error {
	if in.stream == nil {
		return nil
	}
	return in.stream.close()
}
