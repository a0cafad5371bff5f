// Package otlpreceiver receives log records that OpenTelemetry programs send by OTLP/HTTP, in
// protobuf or JSON.
//
// A [Receiver] is the handler of the requests. Whoever takes them turns them into lines and
// says what became of these; only then are they answered: with 200 if all are recorded,
// else with 503, after which senders send again. So each record is recorded at least once.
// What can never be recorded is answered with 400, 401, 404, 405, 413 or 415.
package otlpreceiver

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// Options are options for [New]. The zero value has the defaults.
type Options struct {
	// MaxRequest is how many bytes a request may have, compressed or not; by default 64
	// MiB. All that are held at once may have twice as many.
	MaxRequest int64

	// Token is what senders must name as their bearer token; if empty, they need none.
	Token string

	// Local refuses requests that name a host other than localhost, an address, or Name: a
	// web page can make its own name that of this machine. It does nothing with a token.
	Local bool
	Name  string

	// Patience is how long a request waits for its answer, which is then 503, by default
	// 8s: senders do not wait longer than 10s by default.
	Patience time.Duration

	// Logger, if not nil, gets warnings for the user, each once.
	Logger *slog.Logger
}

// DefaultMaxRequest is the default of [Options].MaxRequest.
const DefaultMaxRequest = 64 << 20

// MaxSenders is how many requests are handled at once; others are answered with 503.
const MaxSenders = 200

// A Receiver handles requests. It is safe for concurrent use.
type Receiver struct {
	options  Options
	token    [sha256.Size]byte
	budget   *semaphore.Weighted // bytes of bodies
	senders  *semaphore.Weighted
	requests chan *Request
	closed   chan struct{}
	close    sync.Once
	server   *http.Server

	metrics, traces atomic.Int64 // requests that were not recorded

	mu   sync.Mutex
	said map[string]bool // warnings
}

// New returns a Receiver. The options may be nil.
func New(opts *Options) *Receiver {
	r := &Receiver{
		senders: semaphore.NewWeighted(MaxSenders), requests: make(chan *Request, MaxSenders),
		closed: make(chan struct{}), said: map[string]bool{},
	}
	if opts != nil {
		r.options = *opts
	}
	r.options.MaxRequest = cmp.Or(r.options.MaxRequest, DefaultMaxRequest)
	r.options.Patience = cmp.Or(r.options.Patience, 8*time.Second)
	r.budget = semaphore.NewWeighted(2*r.options.MaxRequest + 1) // one byte shows that one is too large
	r.server = newServer(r)
	r.token = sha256.Sum256([]byte(r.options.Token))
	return r
}

// Next returns a request whose sender waits for an answer, in the order in which they came,
// or an error once ctx ends or the Receiver is closed. The caller must Accept or Refuse it.
func (r *Receiver) Next(ctx context.Context) (*Request, error) {
	for {
		select {
		case q := <-r.requests:
			if q.awaited() {
				return q, nil
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-r.closed:
			return nil, net.ErrClosed
		}
	}
}

// TryNext is Next without waiting; nil if there is no request.
func (r *Receiver) TryNext() *Request {
	for {
		select {
		case q := <-r.requests:
			if q.awaited() {
				return q
			}
		default:
			return nil
		}
	}
}

// Close refuses all requests that wait for an answer, and those to come.
func (r *Receiver) Close() { r.close.Do(func() { close(r.closed) }) }

// NotRecorded returns how many requests with metrics and with traces were answered without
// being recorded.
func (r *Receiver) NotRecorded() (metrics, traces int64) { return r.metrics.Load(), r.traces.Load() }

func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	mediaType, params, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	json := mediaType != typeProtobuf
	// Of a request that is refused before all of it was read, the server reads some more.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(headerPatience))
	err := r.handle(w, req, mediaType, params)
	// An answer is short, and must not wait for a sender that does not read it.
	_ = control.SetWriteDeadline(time.Now().Add(bodyPatience))
	if err == nil {
		accept(w, json)
		return
	}
	refused := err.(refusal)
	if refused.status < http.StatusInternalServerError {
		kind, _, _ := strings.Cut(refused.reason, ":")
		r.warn(kind, "a request was refused: "+refused.reason)
	}
	refused.write(w, json)
}

// handle handles a request. An error is a refusal.
func (r *Receiver) handle(w http.ResponseWriter, req *http.Request, mediaType string, params map[string]string) error {
	if !r.senders.TryAcquire(1) {
		return refusal{http.StatusServiceUnavailable, "too many requests at once"}
	}
	defer r.senders.Release(1)
	if strings.HasPrefix(mediaType, "application/grpc") {
		return refusal{http.StatusUnsupportedMediaType, "this is OTLP/HTTP, not gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"}
	}
	ignored := map[string]*atomic.Int64{"/v1/metrics": &r.metrics, "/v1/traces": &r.traces}[req.URL.Path]
	switch {
	case ignored == nil && req.URL.Path != "/v1/logs":
		return refusal{http.StatusNotFound, "want /v1/logs"}
	case req.Method != http.MethodPost:
		return refusal{http.StatusMethodNotAllowed, "want POST"}
	}
	if err := r.admit(req); err != nil {
		return err
	}
	if charset := params["charset"]; mediaType != typeProtobuf && mediaType != typeJSON || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return refusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Type %q: want %s or %s", req.Header.Get("Content-Type"), typeProtobuf, typeJSON)}
	}
	q := &Request{receiver: r, ctx: req.Context(), size: -1, json: mediaType == typeJSON, answer: make(chan bool, 1)}
	defer q.leave()
	if err := r.readBody(w, req, q); err != nil {
		return err
	}
	if ignored != nil {
		ignored.Add(1)
		r.warn(req.URL.Path, strings.TrimPrefix(req.URL.Path, "/v1/")+" were sent: they are accepted, and not recorded")
		return nil
	}
	if err := r.check(q); err != nil {
		return err
	}
	return r.await(q)
}

// await waits until a request is recorded. An error is a refusal.
func (r *Receiver) await(q *Request) error {
	patience := time.NewTimer(r.options.Patience)
	defer patience.Stop()
	q.queue()
	select {
	case recorded := <-q.answer:
		if recorded {
			return nil
		}
		return refusal{http.StatusServiceUnavailable, "not all destinations have the events"}
	case <-patience.C:
		return refusal{http.StatusServiceUnavailable, "the events are not recorded yet"}
	case <-q.ctx.Done():
		return refusal{http.StatusServiceUnavailable, "nobody waits for the answer"}
	case <-r.closed:
	}
	select {
	case recorded := <-q.answer: // just before
		if recorded {
			return nil
		}
	default:
	}
	return refusal{http.StatusServiceUnavailable, "the receiver is ending"}
}

// admit refuses requests of web pages, which browsers mark, and those without the token.
func (r *Receiver) admit(req *http.Request) error {
	if req.Header.Get("Origin") != "" || req.Header.Get("Sec-Fetch-Site") != "" {
		return refusal{http.StatusBadRequest, "web pages may not send events"}
	}
	if r.options.Token == "" {
		if r.options.Local && !r.isLocal(req.Host) {
			return refusal{http.StatusBadRequest, fmt.Sprintf("the host %q is not this one: want localhost or an address", req.Host)}
		}
		return nil
	}
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(sum[:], r.token[:]) != 1 || !strings.EqualFold(scheme, "Bearer") {
		return refusal{http.StatusUnauthorized, "want the header Authorization: Bearer TOKEN"}
	}
	return nil
}

// isLocal reports whether a Host header names this machine, or an address.
func (r *Receiver) isLocal(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || host == strings.ToLower(r.options.Name) || strings.HasSuffix(host, ".localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// unknownField warns about a field that is left out.
func (r *Receiver) unknownField(of message, number int32) {
	r.warn(fmt.Sprint(of, ".", number), fmt.Sprintf("a field that OpenTelemetry did not define yet was left out: number %d of %s", number, schema[of].name))
}

// maxWarnings is how many kinds there are at most: senders decide what they cause.
const maxWarnings = 32

// warn warns once for each kind.
func (r *Receiver) warn(kind, message string, attrs ...any) {
	r.mu.Lock()
	again := r.said[kind] || len(r.said) == maxWarnings
	if !again {
		r.said[kind] = true
	}
	r.mu.Unlock()
	if !again && r.options.Logger != nil {
		r.options.Logger.Warn(message, attrs...)
	}
}
