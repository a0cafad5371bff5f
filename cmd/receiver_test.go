package cmd_test

import (
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"auditctl/testdata/tlstest"
)

// A receiver is an OTLP receiver that keeps the lines that it gets, and what else was said
// about them.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []int // statuses, the last one for all further requests; zero: no answer
	requests int
	lines    strings.Builder
	notes    map[string]bool
}

func newReceiver(answers ...int) *receiver {
	r := newUnstartedReceiver(answers...)
	r.Start()
	return r
}

func newUnstartedReceiver(answers ...int) *receiver {
	r := &receiver{answers: answers, notes: map[string]bool{}}
	r.Server = httptest.NewUnstartedServer(r)
	r.Config.ErrorLog = log.New(io.Discard, "", 0)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body := io.Reader(req.Body)
	var err error
	if req.Header.Get("Content-Encoding") == "gzip" {
		body, err = gzip.NewReader(req.Body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	encoded, err := io.ReadAll(body)
	unmarshal := proto.Unmarshal
	if req.Header.Get("Content-Type") == "application/json" {
		unmarshal = protojson.Unmarshal // which takes ids for base64
	}
	var logs collectorpb.ExportLogsServiceRequest
	if err != nil || unmarshal(encoded, &logs) != nil {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	switch answer := r.next(); answer {
	case http.StatusOK:
		r.keep(req, &logs)
	case 0:
		<-req.Context().Done()
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "30")
		fallthrough
	default:
		http.Error(w, "not now", answer)
	}
}

// next returns the answer to a request.
func (r *receiver) next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests++
	answer := r.answers[0]
	if len(r.answers) > 1 {
		r.answers = r.answers[1:]
	}
	return answer
}

// keep keeps the lines of a request, and notes what is unusual about it.
func (r *receiver) keep(req *http.Request, logs *collectorpb.ExportLogsServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, resource := range logs.GetResourceLogs() {
		for _, kv := range resource.GetResource().GetAttributes() {
			r.notes[strings.TrimSuffix(kv.GetKey(), ".name")+": "+kv.GetValue().GetStringValue()] = true
		}
		for _, record := range resource.GetScopeLogs()[0].GetLogRecords() {
			body := record.GetBody()
			fmt.Fprintf(&r.lines, "%s%s\n", body.GetStringValue(), body.GetBytesValue())
		}
	}
	for name, usual := range map[string]string{"Content-Type": "application/x-protobuf", "Content-Encoding": "gzip", "X-Tenant": "", "Authorization": ""} {
		if value := req.Header.Get(name); value != usual {
			r.notes[strings.ToLower(name)+": "+value] = true
		}
	}
	if uri := req.URL.RequestURI(); uri != "/v1/logs" {
		r.notes["path: "+uri] = true
	}
}

// asked reports whether there was a request.
func (r *receiver) asked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests > 0
}

// got returns the lines so far.
func (r *receiver) got() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines.String()
}

// url returns the receiver as a destination.
func (r *receiver) url() string { return "otlp+" + r.URL }

// receivers are the receivers of a script, by the variables that have their URLs, and what
// signs their certificates.
type receivers struct {
	all       map[string]*receiver
	authority *tlstest.Authority
}

// scriptReceiver starts an OTLP receiver, whose URL is then in a variable. Without a
// status it accepts everything; with several it answers with each once, and then with the
// last; 0 is no answer at all, and 429 asks to wait for 30 seconds. With -tls, only
// the authority in ca.pem vouches for it; with -mtls, it wants a certificate of that
// authority, as is in client.pem and client.key.
//
// With > it writes what a receiver got to a file: the lines, and sorted what else it was
// told, such as "service: auditctl".
//
//	receiver [-tls|-mtls] VAR [status...]
//	receiver VAR > file
func scriptReceiver(ts *testscript.TestScript, neg bool, args []string) {
	mine := ts.Value("receivers").(*receivers)
	all := mine.all
	var config *tls.Config
	if len(args) > 0 && (args[0] == "-tls" || args[0] == "-mtls") {
		config = mine.config(ts, args[0] == "-mtls")
		args = args[1:]
	}
	switch {
	case !neg && len(args) == 3 && args[1] == ">" && all[args[0]] != nil:
		r := all[args[0]]
		text := r.got()
		for _, note := range slices.Sorted(maps.Keys(r.notes)) {
			text += note + "\n"
		}
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
	case !neg && len(args) > 0:
		var answers []int
		for _, arg := range args[1:] {
			answer, err := strconv.Atoi(arg)
			ts.Check(err)
			answers = append(answers, answer)
		}
		if answers == nil {
			answers = []int{http.StatusOK}
		}
		r := newUnstartedReceiver(answers...)
		if r.TLS = config; config != nil {
			r.StartTLS()
		} else {
			r.Start()
		}
		ts.Defer(r.Close)
		all[args[0]] = r
		ts.Setenv(args[0], r.url())
	default:
		ts.Fatalf("usage: receiver [-tls|-mtls] VAR [status...], or receiver VAR > file")
	}
}

// config returns how a receiver uses TLS, and writes the files for that.
func (r *receivers) config(ts *testscript.TestScript, mutual bool) *tls.Config {
	if r.authority == nil {
		r.authority = tlstest.New(ts, ts.MkAbs("."))
		r.authority.Issue("client")
	}
	config := &tls.Config{Certificates: []tls.Certificate{r.authority.Issue("server")}}
	if mutual {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, r.authority.Pool
	}
	return config
}
