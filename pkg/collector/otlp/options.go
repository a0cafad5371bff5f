package otlp

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Options are options for [New]. The zero value has the defaults.
type Options struct {
	// Header is sent with every request, as for authorization.
	Header http.Header

	// ServiceName is the service.name of the resource; auditctl where it is
	// empty.
	ServiceName string

	// Version is that of the scope, which is the program that uses the
	// collector.
	Version string

	// Uncompressed leaves requests as they are. Otherwise they are compressed
	// with gzip.
	Uncompressed bool

	// MaxRecords and MaxBytes are how many records there are in a request at
	// most, 2048 by default, and how many bytes their lines have together, 1 MiB
	// by default. A line that is larger has a request to itself.
	MaxRecords, MaxBytes int

	// Timeout is how long the receiver has to answer a request, 10 seconds by
	// default.
	Timeout time.Duration

	// RetryFor is how long a request is sent again and again while it is not
	// answered, or answered with 429, 502, 503 or 504, a minute by default. All
	// its attempts and the pauses between them are within it. Pauses are random,
	// about half a second at first and longer each time, less where RetryFor is
	// short, or what the receiver asks for with Retry-After.
	RetryFor time.Duration

	// Client sends the requests. By default it is one that follows no
	// redirections and knows proxies from the environment.
	Client *http.Client

	// Logger is told what a person should know and is no error: that a request is
	// sent again, and warnings of the receiver. Its handler is called by whoever
	// emits or flushes, and must not call the collector. By default nothing is
	// logged.
	Logger *slog.Logger
}

// complete returns the options with the defaults filled in.
func (o *Options) complete() (*Options, error) {
	if o.MaxRecords < 0 || o.MaxBytes < 0 || o.Timeout < 0 || o.RetryFor < 0 {
		return nil, errors.New("a limit below zero")
	}
	for name, values := range o.Header {
		for _, value := range values {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
				return nil, fmt.Errorf("%q: no name or no value of a header", name)
			}
		}
	}
	full := *o
	full.ServiceName = cmp.Or(o.ServiceName, "auditctl")
	full.MaxRecords = cmp.Or(o.MaxRecords, 2048)
	full.MaxBytes = cmp.Or(o.MaxBytes, 1<<20)
	full.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	full.RetryFor = cmp.Or(o.RetryFor, time.Minute)
	if full.Logger == nil {
		full.Logger = slog.New(slog.DiscardHandler)
	}
	return &full, nil
}
