package otlp

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// diagnosed returns the error of a first request, or what is wrong with the URL or the
// certificate if that error does not say so: servers that speak TLS answer plain HTTP in
// many ways, and one that wants a certificate may have closed the connection before its
// alert was read. So it connects once more, without sending any events.
func (c *client) diagnosed(ctx context.Context, err error) error {
	if c.own == nil || !unclear(err) || c.proxied() {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, min(c.timeout, 2*time.Second))
	defer cancel()
	if c.url.Scheme == "http" {
		if c.speaksTLS(ctx) {
			return ErrTLS
		}
		return err
	}
	if alert := refusal(c.greeted(ctx)); alert != "" {
		return &HandshakeError{alert}
	}
	if c.speaksHTTP(ctx) {
		return ErrNoTLS
	}
	return err
}

// unclear reports whether an error may mean that the receiver wants TLS, or a client
// certificate.
func unclear(err error) bool {
	if status := (*StatusError)(nil); errors.As(err, &status) {
		return status.Code == http.StatusBadRequest && status.foreign
	}
	op := (*net.OpError)(nil)
	dialed := !errors.As(err, &op) || op.Op != "dial"
	return errors.Is(err, ErrNoHTTP) || dialed && !final(err) && !errors.Is(err, errTimeout)
}

// proxied reports whether requests go through a proxy.
func (c *client) proxied() bool {
	proxy, err := c.own.Proxy(&http.Request{URL: c.url})
	return proxy != nil || err != nil
}

// speaksTLS reports whether the receiver speaks TLS, whatever its certificate says.
func (c *client) speaksTLS(ctx context.Context) bool {
	conn, err := c.dialTLS(ctx, &tls.Config{InsecureSkipVerify: true})
	if err == nil {
		conn.Close()
	}
	op := (*net.OpError)(nil)
	return err == nil || errors.As(err, &op) && op.Op == "remote error"
}

// greeted returns the error of a connection on which nothing is sent, nil if there is none
// until ctx is done. An alert about the client's certificate comes after the handshake.
func (c *client) greeted(ctx context.Context) error {
	conn, err := c.dialTLS(ctx, c.own.TLSClientConfig)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetReadDeadline(deadline)
	}
	_, err = conn.Read(make([]byte, 1))
	return err
}

func (c *client) dialTLS(ctx context.Context, config *tls.Config) (net.Conn, error) {
	return (&tls.Dialer{Config: config}).DialContext(ctx, "tcp", c.address())
}

// speaksHTTP reports whether the receiver speaks HTTP without TLS. One that only says that
// it wants TLS does so with 400 or a redirect.
func (c *client) speaksHTTP(ctx context.Context) bool {
	r := &http.Request{Method: http.MethodHead, URL: &url.URL{Scheme: "http", Host: c.address(), Path: "/"}, Header: http.Header{}}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r.WithContext(ctx))
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode != http.StatusBadRequest && resp.StatusCode/100 != 3
}

// address returns the host and port of the receiver.
func (c *client) address() string {
	return net.JoinHostPort(c.url.Hostname(), cmp.Or(c.url.Port(), c.url.Scheme))
}
