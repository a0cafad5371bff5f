package input

import (
	"context"
	"crypto/tls"
	"errors"
	"iter"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/otlpreceiver"
)

// An OTLP is a Stream of the log records that OpenTelemetry programs send to an address,
// in OTLP's JSON, one request a line, or several lines for a large one. It answers a
// request when it is acknowledged, or refused. It begins to handle requests when it is
// first read.
type OTLP struct {
	receiver *otlpreceiver.Receiver
	listener net.Listener
	tls      *tls.Config // nil: without TLS
	reports  *report.Reporter
	ctx      context.Context // its end ends reading
	cancel   context.CancelFunc
	serve    sync.Once

	// Restart, if not nil, is called by Read before it returns something after a refusal.
	// What was refused comes again, and whoever decodes it must not take it for a copy.
	Restart func()

	reading sync.Mutex // held while reading or waiting
	pending *otlpreceiver.Request
	current *otlpreceiver.Request // that is being read
	epoch   int                   // in which that began
	next    func() ([]byte, bool) // its next line
	stop    func()
	line    []byte // the rest of the current line
	begin   int64  // of the current request
	offset  int64

	mu        sync.Mutex
	unacked   []unacked // requests that were read
	refusals  int       // how often requests were refused
	restarted int       // after how many of them
}

// An unacked is a request that was read and is not answered yet.
type unacked struct {
	end int64 // of its lines
	*otlpreceiver.Request
}

// shutdownPatience is how long senders may take to read their last answers.
const shutdownPatience = time.Second

// NewOTLP returns the stream of what a receiver gets on a listener, with TLS if config is
// not nil.
func NewOTLP(r *otlpreceiver.Receiver, l net.Listener, config *tls.Config, reports *report.Reporter) *OTLP {
	s := &OTLP{receiver: r, listener: l, tls: config, reports: reports}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// start handles requests from now on, and says where.
func (s *OTLP) start() {
	s.serve.Do(func() {
		scheme := "http"
		if s.tls != nil {
			scheme = "https"
		}
		s.reports.Printf("listening on %s://%s/v1/logs", scheme, s.listener.Addr())
		go func() {
			if err := s.receiver.Serve(s.listener, s.tls); !errors.Is(err, http.ErrServerClosed) && s.ctx.Err() == nil {
				s.reports.Errorf("%v", err)
				s.cancel()
			}
		}()
	})
}

func (s *OTLP) Read(p []byte) (n int, err error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	for n < len(p) {
		if len(s.line) == 0 && !s.advance() {
			switch ready, err := s.take(n == 0); {
			case err != nil:
				return n, err
			case !ready:
				return n, nil
			}
			continue
		}
		copied := copy(p[n:], s.line)
		s.line = s.line[copied:]
		s.offset += int64(copied)
		n += copied
	}
	return n, nil
}

// advance goes to the next line of the current request. It returns false if there is none.
func (s *OTLP) advance() (ok bool) {
	if s.current == nil {
		return false
	}
	if s.line, ok = s.next(); ok {
		return true
	}
	s.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.offset == s.begin:
		s.current.Accept()
	case s.epoch != s.refusals:
		s.current.Refuse()
	default:
		s.unacked = append(s.unacked, unacked{s.offset, s.current})
	}
	s.current = nil
	return false
}

// take begins the next request. It waits for one only if nothing was read before. After a
// refusal it returns false if something was: that must be decoded first.
func (s *OTLP) take(first bool) (ok bool, err error) {
	if s.pending == nil {
		s.pending = s.receiver.TryNext()
	}
	if s.pending == nil {
		if !first {
			return false, nil
		}
		if err := s.wait(); err != nil {
			return false, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.restarted != s.refusals {
		if !first {
			return false, nil
		}
		s.restarted = s.refusals
		if s.Restart != nil {
			s.Restart()
		}
	}
	s.current, s.pending = s.pending, nil
	s.epoch, s.begin = s.refusals, s.offset
	s.next, s.stop = iter.Pull(s.current.Lines())
	return true, nil
}

// wait waits for a request. The caller holds reading.
func (s *OTLP) wait() (err error) {
	s.start()
	if s.pending, err = s.receiver.Next(s.ctx); err != nil {
		return os.ErrClosed
	}
	return nil
}

func (s *OTLP) Wait() error {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.current != nil || s.pending != nil {
		return nil
	}
	return s.wait()
}

// Ack answers the requests whose lines are among the first n bytes: they are recorded.
func (s *OTLP) Ack(n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.unacked) > 0 && s.unacked[0].end <= n {
		s.unacked[0].Accept()
		s.unacked = s.unacked[1:]
	}
}

// Refuse answers all requests that were read and not acknowledged: they are not recorded.
func (s *OTLP) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.unacked {
		q.Refuse()
	}
	s.unacked = nil
	s.refusals++
}

// Origin is empty: nothing can be read again.
func (s *OTLP) Origin() string { return "" }

// Close stops listening, and refuses all requests that were not acknowledged.
func (s *OTLP) Close() error {
	s.cancel()
	ending, cancel := context.WithTimeout(context.Background(), shutdownPatience)
	defer cancel()
	s.receiver.Shutdown(ending) // whoever does not get the answer sends again
	s.listener.Close()          // if nothing was read
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.current != nil {
		s.stop()
	}
	if metrics, traces := s.receiver.NotRecorded(); metrics+traces > 0 {
		s.reports.Printf("%s with metrics and %d with traces were not recorded", report.Counted(metrics, "request"), traces)
	}
	return nil
}
