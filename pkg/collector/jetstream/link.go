package jetstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
)

const (
	dialTimeout    = 5 * time.Second // of one host
	requestTimeout = 3 * time.Second // of what asks about streams and consumers
)

// A link is one connection to a server, and the stream. It never mends itself: a
// connection that was lost stays so, and with it what was on its way, so that
// nothing is sent behind a gap.
type link struct {
	conn   *nats.Conn
	js     api.JetStream
	stream api.Stream
	denied atomic.Pointer[error] // what the server does not permit

	maxMessage int  // how many bytes a message may have, headers included
	atomic     bool // the stream takes batches
}

// dial connects to one of the hosts, tried in any order.
func dial(ctx context.Context, a Address) (*link, error) {
	l := new(link)
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	opts = append(opts, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		if errors.Is(err, nats.ErrPermissionViolation) {
			l.denied.CompareAndSwap(nil, &err)
		}
	}))
	type dialled struct {
		conn *nats.Conn
		err  error
	}
	done := make(chan dialled, 1)
	go func() {
		conn, err := nats.Connect(strings.Join(a.Hosts, ","), opts...)
		done <- dialled{conn, err}
	}()
	select {
	case d := <-done:
		if d.err != nil {
			return nil, awayError{fmt.Errorf("connect to %s: %w", strings.Join(a.Hosts, " or "), plain(d.err))}
		}
		l.conn = d.conn
	case <-ctx.Done():
		go func() {
			if d := <-done; d.err == nil {
				d.conn.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
	if l.js, err = api.New(l.conn, api.WithDefaultTimeout(requestTimeout)); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// options returns how the address is connected to.
func (a Address) options() ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name("auditctl"),
		nats.NoReconnect(),
		nats.Timeout(dialTimeout),
		nats.PingInterval(5 * time.Second), // a host that went away is noticed
		nats.MaxPingsOutstanding(2),
	}
	switch {
	case a.Token != "":
		opts = append(opts, nats.Token(a.Token))
	case a.User != "":
		opts = append(opts, nats.UserInfo(a.User, a.Password))
	case a.Credentials != "":
		opts = append(opts, nats.UserCredentials(a.Credentials))
	}
	if a.CA != "" {
		opts = append(opts, nats.RootCAs(a.CA))
	}
	if a.Cert != "" {
		opts = append(opts, nats.ClientCert(a.Cert, a.Key))
	}
	switch a.TLS {
	case TLSOn:
		opts = append(opts, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}))
	case TLSFirst:
		opts = append(opts, nats.Secure(&tls.Config{MinVersion: tls.VersionTLS12}), nats.TLSHandshakeFirst())
	}
	// Bad files show here, before anything is connected.
	var o nats.Options
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, fatal(plain(err))
		}
	}
	return opts, nil
}

// open finds the stream that is written to and read from; with create set it is
// made where it is missing. One that is there is never changed.
func (l *link) open(ctx context.Context, a Address, create bool) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	stream, err := l.js.Stream(ctx, a.Stream)
	if create && errors.Is(err, api.ErrStreamNotFound) {
		stream, err = l.create(ctx, a)
	}
	if err != nil {
		return streamError(a, err)
	}
	l.stream = stream
	cfg := stream.CachedInfo().Config
	if create && !takes(cfg.Subjects, a.Subject) {
		return fatal(fmt.Errorf("stream %s takes no subjects %s.>: add them to it, or name another stream or ?subject=", a.Stream, a.Subject))
	}
	if !create && cfg.Mirror == nil && len(cfg.Sources) == 0 && !touches(cfg.Subjects, a.Subject) {
		return fatal(fmt.Errorf("stream %s has no subjects %s.>: add ?subject= with what they begin with", a.Stream, a.Subject))
	}
	l.atomic = cfg.AllowAtomicPublish
	l.maxMessage = int(l.conn.MaxPayload())
	if n := int(cfg.MaxMsgSize); n > 0 && n < l.maxMessage {
		l.maxMessage = n
	}
	return nil
}

// create makes the stream. Servers that know no batches make one without.
func (l *link) create(ctx context.Context, a Address) (api.Stream, error) {
	stream, err := l.js.CreateStream(ctx, api.StreamConfig{
		Name:               a.Stream,
		Description:        "Audit log, made by auditctl",
		Subjects:           []string{a.Subject + ".>"},
		Storage:            api.FileStorage,
		Replicas:           a.Replicas,
		Duplicates:         duplicateWindow,
		DenyDelete:         true,
		AllowAtomicPublish: true,
	})
	if errors.Is(err, api.ErrStreamNameAlreadyInUse) { // made by somebody else just now
		return l.js.Stream(ctx, a.Stream)
	}
	return stream, err
}

// takes reports whether one of a stream's subjects takes all of PREFIX.*.*.
func takes(subjects []string, prefix string) bool {
	want := append(strings.Split(prefix, "."), "*", "*")
	return slices.ContainsFunc(subjects, func(subject string) bool {
		have := strings.Split(subject, ".")
		for i, token := range have {
			switch {
			case token == ">":
				return i < len(want)
			case i >= len(want) || token != "*" && token != want[i]:
				return false
			}
		}
		return len(have) == len(want)
	})
}

// touches reports whether one of a stream's subjects may take some of PREFIX.*.*.
func touches(subjects []string, prefix string) bool {
	want := strings.Split(prefix, ".")
	return slices.ContainsFunc(subjects, func(subject string) bool {
		have := strings.Split(subject, ".")
		for i := range min(len(have), len(want)) {
			switch {
			case have[i] == ">":
				return true
			case have[i] != "*" && have[i] != want[i]:
				return false
			}
		}
		return len(have) > len(want)
	})
}

// maxLine is how long a line may be.
func (l *link) maxLine() int { return l.maxMessage - headerRoom }

// lost reports that the connection is gone.
func (l *link) lost() bool { return l.conn.IsClosed() }

func (l *link) close() { l.conn.Close() }
