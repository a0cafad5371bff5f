package otlp

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/net/http/httpguts"
)

// serviceName is the attribute of a resource that names it.
const serviceName = "service.name"

// Options are options for [New]. The zero value has the defaults.
type Options struct {
	// Header is sent with every request, for example for authorization.
	Header http.Header

	// ServiceName is the service.name of the resource, by default that in Resource, or
	// else "auditctl".
	ServiceName string

	// Resource has more attributes of the resource, by name.
	Resource map[string]string

	// Version is the version of the scope, that is of the program that uses the
	// collector. The default is none.
	Version string

	// Uncompressed turns off the compression of requests with gzip.
	Uncompressed bool

	// JSON sends requests in JSON, not in protobuf.
	JSON bool

	// MaxRecords is the maximal number of records in a request, 2048 by default, and
	// MaxBytes that of the bytes of their lines, 1 MiB by default. A larger line gets
	// a request of its own.
	MaxRecords, MaxBytes int

	// Timeout is how long to wait for the response to a request, 10 seconds by
	// default.
	Timeout time.Duration

	// RetryFor is how long to retry a request that is not answered, or answered with
	// 429, 502, 503 or 504: a minute by default, including all attempts and the
	// pauses between them. Pauses are as long as the receiver says with Retry-After,
	// or else random and increasing, from about half a second, or less if RetryFor is
	// short.
	RetryFor time.Duration

	// Rejected, if not nil, gets what the receiver rejects of a request whose other
	// records it keeps, which is no error then: the collector goes on. It is called as
	// Logger is.
	Rejected func(*RejectedError)

	// Verbatim takes a URL without a path as it is, without the default path.
	Verbatim bool

	// TLS is for connections to an https URL, without a Client. By default the
	// system's authorities count. See [LoadTLS].
	TLS *tls.Config

	// Client sends the requests. The default does not follow redirects, takes proxies
	// from the environment, and finds out whether the receiver speaks TLS if the first
	// request fails as if the URL had the wrong scheme.
	Client *http.Client

	// Logger gets warnings for the user that are not errors: that a request is
	// retried, and warnings of the receiver. It is called during Emit, Flush and
	// Close, so its handler must not call the collector. By default nothing is logged.
	Logger *slog.Logger
}

// complete returns the options with the defaults filled in.
func (o *Options) complete() (*Options, error) {
	if o.MaxRecords < 0 || o.MaxBytes < 0 || o.Timeout < 0 || o.RetryFor < 0 {
		return nil, errors.New("a limit is negative")
	}
	for name, values := range o.Header {
		for _, value := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
				return nil, fmt.Errorf("%q: invalid name or value of a header", name)
			}
		}
	}
	full := *o
	full.ServiceName = cmp.Or(o.ServiceName, o.Resource[serviceName], "auditctl")
	full.MaxRecords = cmp.Or(o.MaxRecords, 2048)
	full.MaxBytes = cmp.Or(o.MaxBytes, 1<<20)
	full.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	full.RetryFor = cmp.Or(o.RetryFor, time.Minute)
	if full.Logger == nil {
		full.Logger = slog.New(slog.DiscardHandler)
	}
	return &full, nil
}
