package otlp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/collector/otlp"
)

// A receiver is an OTLP receiver that keeps what it gets. Its first answers may be
// scripted; after that it accepts everything.
type receiver struct {
	*httptest.Server
	t       testing.TB
	mu      sync.Mutex
	answers []answer
	seen    []seen
}

// An answer answers a request. It reports whether the receiver keeps the records.
type answer func(w http.ResponseWriter, r *http.Request) (keep bool)

// A seen is a request that was received.
type seen struct {
	path   string
	header http.Header
	size   int // of the body
	at     time.Time
	kept   bool
	body   *collectorpb.ExportLogsServiceRequest
}

func newReceiver(t testing.TB, answers ...answer) *receiver {
	r := &receiver{t: t, answers: answers}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // the client is gone
	}
	s := seen{path: req.URL.Path, header: req.Header, size: len(body), at: time.Now(), body: new(collectorpb.ExportLogsServiceRequest)}
	if req.Header.Get("Content-Encoding") == "gzip" {
		decompressed, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(decompressed)
		}
		if err != nil {
			r.t.Errorf("the body is not gzip: %v", err)
		}
	}
	unmarshal := proto.Unmarshal
	if req.Header.Get("Content-Type") == "application/json" {
		unmarshal = unmarshalJSON
	}
	if err := unmarshal(body, s.body); err != nil {
		r.t.Errorf("the body is not a request: %v", err)
	}
	do, n := r.next(s)
	kept := do(w, req)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[n].kept = kept
}

// unmarshalJSON decodes the JSON of OTLP: the JSON of protobuf, but with ids in hex.
func unmarshalJSON(body []byte, m proto.Message) error {
	inBase64 := ids().ReplaceAllFunc(body, func(found []byte) []byte {
		name, id, _ := bytes.Cut(found[:len(found)-1], []byte(`:"`))
		raw, err := hex.DecodeString(string(id))
		if err != nil {
			return nil
		}
		return fmt.Appendf(nil, `%s:"%s"`, name, base64.StdEncoding.EncodeToString(raw))
	})
	return protojson.Unmarshal(inBase64, m)
}

var ids = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`"(?:traceId|spanId)":"[^"]*"`) })

// next records a request, and returns its answer and its index.
func (r *receiver) next(s seen) (do answer, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, s)
	if len(r.answers) == 0 {
		return takes, len(r.seen) - 1
	}
	do, r.answers = r.answers[0], r.answers[1:]
	return do, len(r.seen) - 1
}

// requests returns the requests so far.
func (r *receiver) requests() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]seen(nil), r.seen...)
}

// records returns the records that were kept.
func (r *receiver) records() (all []*logspb.LogRecord) {
	for _, s := range r.requests() {
		if s.kept {
			all = append(all, recordsOf(s.body)...)
		}
	}
	return all
}

func recordsOf(body *collectorpb.ExportLogsServiceRequest) (all []*logspb.LogRecord) {
	for _, resource := range body.GetResourceLogs() {
		for _, scope := range resource.GetScopeLogs() {
			all = append(all, scope.GetLogRecords()...)
		}
	}
	return all
}

// lines returns the bodies of the records that were kept.
func (r *receiver) lines() (all []string) {
	for _, record := range r.records() {
		all = append(all, bodyOf(record))
	}
	return all
}

func bodyOf(record *logspb.LogRecord) string {
	return record.GetBody().GetStringValue() + string(record.GetBody().GetBytesValue())
}

// takes accepts the records.
func takes(w http.ResponseWriter, _ *http.Request) bool {
	answerWith(w, http.StatusOK, &collectorpb.ExportLogsServiceResponse{})
	return true
}

// answerWith answers in protobuf.
func answerWith(w http.ResponseWriter, code int, m proto.Message) {
	body, err := proto.Marshal(m)
	if err != nil {
		panic(err) // unreachable with these messages
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(code)
	w.Write(body)
}

// says answers with a status and a text.
func says(code int, mediaType, text string) answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Type", mediaType)
		w.WriteHeader(code)
		io.WriteString(w, text)
		return false
	}
}

// status answers with a status.
func status(code int) answer { return says(code, "text/plain", "") }

// asks answers with a status and asks to retry later.
func asks(code int, retryAfter string) answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(code)
		return false
	}
}

// partly accepts all records but some.
func partly(rejected int64, message string) answer {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		answerWith(w, http.StatusOK, &collectorpb.ExportLogsServiceResponse{
			PartialSuccess: &collectorpb.ExportLogsPartialSuccess{RejectedLogRecords: rejected, ErrorMessage: message},
		})
		return true
	}
}

// hangs does not answer until the client is gone.
func hangs(_ http.ResponseWriter, r *http.Request) bool {
	<-r.Context().Done()
	return false
}

// stalls begins an answer but does not complete it.
func stalls(w http.ResponseWriter, r *http.Request) bool {
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	return hangs(w, r)
}

// cuts closes the connection without an answer.
func cuts(http.ResponseWriter, *http.Request) bool {
	panic(http.ErrAbortHandler)
}

// cutsWithin closes the connection within the answer.
func cutsWithin(w http.ResponseWriter, _ *http.Request) bool {
	w.Header().Set("Content-Length", "100")
	w.Header().Set("Content-Type", "application/x-protobuf")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// inMemory returns a client that is connected to r without a network, in the same synctest
// bubble, so that waiting takes no real time.
func (r *receiver) inMemory(t *testing.T) *http.Client {
	l := make(pipeListener)
	server := &http.Server{Handler: r, ErrorLog: quiet}
	go server.Serve(l)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case l <- theirs:
			return ours, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &http.Client{Transport: transport}
}

// A pipeListener accepts what is sent to it.
type pipeListener chan net.Conn

func (l pipeListener) Accept() (net.Conn, error) {
	conn, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (l pipeListener) Close() error { close(l); return nil }

func (l pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// open returns a collector that is closed after the test.
func open(t testing.TB, endpoint string, opts *otlp.Options) *otlp.Collector {
	t.Helper()
	c, err := otlp.New(endpoint, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// asJSON encodes a value for messages and comparison.
func asJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// quiet is the log of servers whose errors are expected.
var quiet = log.New(io.Discard, "", 0)
