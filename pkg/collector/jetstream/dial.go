package jetstream

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	api "github.com/nats-io/nats.go/jetstream"
)

const (
	dialTimeout = 5 * time.Second // for one host
	dialNext    = time.Second / 4 // after which the next host is tried as well
)

// A dialResult is the result of connecting to a host.
type dialResult struct {
	host string
	link *link
	err  error
}

// dial connects to one of the hosts, in random order. A host that does not answer does not
// delay the others.
func dial(ctx context.Context, a Address) (*link, error) {
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	hosts := slices.Clone(a.Hosts)
	rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	done := make(chan dialResult, len(hosts))
	var failed []dialResult
	for begun, pending := 0, 0; ; {
		var next <-chan time.Time
		switch {
		case begun < len(hosts):
			go func(host string) { done <- dialHost(host, a, opts) }(hosts[begun])
			begun++
			pending++
			next = time.After(dialNext)
		case pending == 0:
			return nil, dialErrors(failed)
		}
		select {
		case d := <-done:
			pending--
			if d.err == nil {
				go closeLinks(done, pending)
				return d.link, nil
			}
			failed = append(failed, d)
		case <-next:
		case <-ctx.Done():
			go closeLinks(done, pending)
			if errors.Is(context.Cause(ctx), errStalled) {
				return nil, dialErrors([]dialResult{{host: strings.Join(hosts, " or "), err: plain(errStalled)}})
			}
			return nil, context.Cause(ctx)
		}
	}
}

// closeLinks closes links that come too late.
func closeLinks(done <-chan dialResult, pending int) {
	for range pending {
		if d := <-done; d.link != nil {
			d.link.close()
		}
	}
}

// dialErrors returns why no host could be connected to. The error is final if any of the
// reasons is.
func dialErrors(failed []dialResult) error {
	byText := map[string][]string{}
	var texts []string
	var errs []error
	for _, d := range failed {
		text := d.err.Error()
		if byText[text] == nil {
			texts = append(texts, text)
		}
		byText[text] = append(byText[text], d.host)
		errs = append(errs, d.err)
	}
	for i, text := range texts {
		texts[i] = fmt.Sprintf("connect to %s: %s", strings.Join(byText[text], " or "), text)
	}
	return awayError{plainError{strings.Join(texts, "; "), errors.Join(errs...)}}
}

// dialHost connects to one host.
func dialHost(host string, a Address, opts []nats.Option) dialResult {
	l := new(link)
	l.ctx, l.end = context.WithCancelCause(context.Background())
	opts = append(slices.Clip(opts),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				if err := deniedError(err); err != nil {
					l.end(err)
				}
			}
		}),
		nats.ClosedHandler(func(conn *nats.Conn) { l.end(lostError(conn.LastError())) }))
	var err error
	if l.conn, err = nats.Connect(host, opts...); err != nil {
		final := !retryable(err)
		if err = dialError(a, err); final {
			err = fatal(err)
		}
		return dialResult{host: host, err: err}
	}
	if l.js, err = api.New(l.conn, api.WithDefaultTimeout(requestTimeout)); err != nil {
		l.close()
		return dialResult{host: host, err: err}
	}
	return dialResult{host: host, link: l}
}

// lostError returns why a connection ended.
func lostError(err error) error {
	if r, ok := remedyOf(err); ok && !errors.Is(err, nats.ErrPermissionViolation) {
		return plainError{r.text, err}
	}
	return errLost
}

// options returns the options to connect to the address.
func (a Address) options() ([]nats.Option, error) {
	opts := []nats.Option{
		nats.Name("auditctl"),
		nats.NoReconnect(),
		nats.Timeout(dialTimeout),
		nats.PingInterval(5 * time.Second), // to notice that a host is gone
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
	if a.dialer != nil {
		opts = append(opts, nats.SetCustomDialer(a.dialer))
	}
	// Report bad files before connecting.
	var o nats.Options
	for _, opt := range opts {
		if err := opt(&o); err != nil {
			return nil, fatal(plain(err))
		}
	}
	return opts, nil
}
