package otlp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// A client sends requests to a receiver until they are acknowledged.
type client struct {
	url      *url.URL
	header   http.Header
	http     *http.Client
	own      *http.Transport // of http; nil if that belongs to somebody else
	known    bool            // it was the right URL for a request
	timeout  time.Duration
	retryFor time.Duration
	logger   *slog.Logger
	rejected func(*RejectedError) // nil: that is an error
}

func newClient(endpoint string, o *Options) (*client, error) {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return nil, errors.New("not a URL") // without err, which may show a password
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("want an http or https URL")
	case u.Hostname() == "":
		return nil, errors.New("a URL without a host")
	}
	if !o.Verbatim && (u.Path == "" || u.Path == "/") {
		u.Path = "/v1/logs"
	}
	c := &client{url: u, header: o.Header.Clone(), http: o.Client, timeout: o.Timeout, retryFor: o.RetryFor, logger: o.Logger, rejected: o.Rejected}
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set("Content-Type", "application/x-protobuf")
	if o.JSON {
		c.header.Set("Content-Type", "application/json")
	}
	c.header.Set("Content-Encoding", "gzip")
	if o.Uncompressed {
		c.header.Del("Content-Encoding")
	}
	if c.http == nil {
		c.own = &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: o.TLS.Clone(), ForceAttemptHTTP2: true, IdleConnTimeout: 90 * time.Second}
		c.http = &http.Client{
			Transport: c.own,
			// The header is not meant for any other server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return c, nil
}

// errCanceled means that a context was done before a request was acknowledged. The
// request may have arrived.
var errCanceled = errors.New("canceled")

// send sends a request until it is acknowledged, for retryFor at most.
func (c *client) send(parent context.Context, r request) error {
	if r.records == 0 {
		return nil
	}
	begun := time.Now()
	ctx, cancel := context.WithDeadline(parent, begun.Add(c.retryFor))
	defer cancel()
	pause := backoff.NewExponentialBackOff()
	pause.MaxInterval = c.retryFor / 4
	pause.InitialInterval = min(pause.InitialInterval, c.retryFor/16)
	var last error
	for first := true; ; first = false {
		err := c.post(ctx, r)
		if rejected := (*RejectedError)(nil); c.rejected != nil && errors.As(err, &rejected) {
			c.rejected(rejected)
			err = nil
		}
		if err != nil && !c.known {
			err = c.diagnosed(ctx, err)
		}
		c.known = c.known || err == nil
		if err == nil || final(err) {
			return err
		}
		if parent.Err() != nil {
			return errCanceled
		}
		if last != nil && errors.Is(err, errTimeout) {
			err = last // says more than a timeout
		}
		last = err
		wait := pause.NextBackOff()
		if status := (*StatusError)(nil); errors.As(err, &status) && status.retryAfter > 0 {
			if wait = status.retryAfter; wait > c.retryFor {
				return fmt.Errorf("%w; it asks to wait for %v", err, wait)
			}
		}
		if spent := time.Since(begun); spent+wait > c.retryFor {
			return fmt.Errorf("%w; gave up after %v", err, spent.Round(time.Millisecond))
		}
		if first {
			c.logger.Warn(fmt.Sprintf("%v; trying again", err))
		}
		select {
		case <-time.After(wait):
		case <-parent.Done():
			return errCanceled
		}
	}
}

// post sends a request once.
func (c *client) post(ctx context.Context, r request) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url.String(), bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	req.Header = c.header.Clone()
	resp, err := c.http.Do(req)
	if err != nil {
		return c.failed(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return c.failed(err)
	}
	return judge(resp, body, r.records, c.logger)
}

// failed returns the error of a request without an answer. If there was none in time, the
// connection may be dead. HTTP/2 would use it again, and closes it only once it is idle,
// so another transport takes over.
func (c *client) failed(err error) error {
	err = transportError(err)
	if errors.Is(err, errTimeout) && c.own != nil {
		c.close()
		c.own = c.own.Clone()
		c.http.Transport = c.own
	}
	return err
}

// close closes idle connections.
func (c *client) close() {
	if c.own != nil {
		c.own.CloseIdleConnections()
	}
}
