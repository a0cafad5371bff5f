package input

import (
	"context"
	"sync"

	"auditctl/pkg/collector/jetstream"
)

// A NATS is a Stream of NATS JetStream. It connects when it is first read.
type NATS struct {
	address jetstream.Address
	options jetstream.ReaderOptions
	ctx     context.Context // its end ends reading
	cancel  context.CancelFunc

	reading sync.Mutex // held while reading or waiting
	reader  *jetstream.Reader
}

// NewNATS returns the stream at an address. It takes the values of ctx, but does not
// end with it.
func NewNATS(ctx context.Context, a jetstream.Address, opts jetstream.ReaderOptions) *NATS {
	s := &NATS{address: a, options: opts}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return s
}

// Address returns where the stream is.
func (s *NATS) Address() jetstream.Address { return s.address }

// open opens the stream unless it is open. The caller holds reading.
func (s *NATS) open() (err error) {
	if s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	if s.reader == nil {
		s.reader, err = jetstream.OpenReader(s.ctx, s.address, &s.options)
	}
	return err
}

func (s *NATS) Read(p []byte) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.open(); err != nil {
		return 0, err
	}
	return s.reader.Read(p)
}

func (s *NATS) Wait() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.open(); err != nil {
		return err
	}
	return s.reader.Wait()
}

func (s *NATS) Ack(n int64) { s.reader.Ack(n) }

// Origin names the stream if it is read from its first line.
func (s *NATS) Origin() string {
	if s.options.Cursor != "" {
		return ""
	}
	return s.address.Origin()
}

func (s *NATS) Close() error {
	s.cancel()
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.reader == nil {
		return nil
	}
	return s.reader.Close()
}
