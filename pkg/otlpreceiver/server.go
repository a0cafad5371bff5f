package otlpreceiver

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// How long connections may take to say what they want, and stay without wanting anything.
const (
	headerPatience = 10 * time.Second
	idlePatience   = time.Minute
)

// maxConnections is how many connections there are at once. Others wait to be accepted.
const maxConnections = 2 * MaxSenders

// newServer returns a server for HTTP/1.1 and HTTP/2, without TLS as well: those who speak
// gRPC by mistake get an answer that says so.
func newServer(r *Receiver) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           r,
		Protocols:         protocols,
		ReadHeaderTimeout: headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // what goes wrong with a connection is the sender's to say
	}
}

// Serve handles requests on a listener, with TLS if config is not nil, until Shutdown is
// called, or the listener fails.
func (r *Receiver) Serve(l net.Listener, config *tls.Config) error {
	l = netutil.LimitListener(l, maxConnections)
	if config == nil {
		return r.server.Serve(l)
	}
	r.server.TLSConfig = config
	return r.server.ServeTLS(l, "", "")
}

// Shutdown closes the Receiver and its listener, and waits until all requests are answered,
// or ctx ends.
func (r *Receiver) Shutdown(ctx context.Context) error {
	r.Close()
	err := r.server.Shutdown(ctx)
	if err != nil {
		r.server.Close()
	}
	return err
}
