package cmd_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	"google.golang.org/protobuf/proto"
)

// A receiver is an OTLP receiver that keeps the lines that it gets, and the names of the
// services that they are from.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	answers  []int // statuses, the last one for all further requests; zero: no answer
	requests int
	lines    strings.Builder
	services map[string]bool
	headers  []http.Header
}

func newReceiver(answers ...int) *receiver {
	r := &receiver{answers: answers, services: map[string]bool{}}
	r.Server = httptest.NewServer(r)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := gzip.NewReader(req.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	encoded, err := io.ReadAll(body)
	var logs collectorpb.ExportLogsServiceRequest
	if err != nil || proto.Unmarshal(encoded, &logs) != nil {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	switch answer := r.next(); answer {
	case http.StatusOK:
		r.keep(req.Header, &logs)
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

func (r *receiver) keep(header http.Header, logs *collectorpb.ExportLogsServiceRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.headers = append(r.headers, header)
	for _, resource := range logs.GetResourceLogs() {
		r.services[resource.GetResource().GetAttributes()[0].GetValue().GetStringValue()] = true
		for _, record := range resource.GetScopeLogs()[0].GetLogRecords() {
			body := record.GetBody()
			fmt.Fprintf(&r.lines, "%s%s\n", body.GetStringValue(), body.GetBytesValue())
		}
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

// receivers are the receivers of a script, by the variables that have their URLs.
type receivers map[string]*receiver

// scriptReceiver starts an OTLP receiver, whose URL is then in a variable. Without a
// status it accepts everything; with several it answers with each once, and then with the
// last; 0 is no answer at all, and 429 asks to wait for 30 seconds. With > it writes what
// a receiver got to a file: the lines, services after "service: " and the header X-Tenant
// after "tenant: ".
//
//	receiver VAR [status...]
//	receiver VAR > file
func scriptReceiver(ts *testscript.TestScript, neg bool, args []string) {
	all := ts.Value("receivers").(receivers)
	switch {
	case !neg && len(args) == 3 && args[1] == ">" && all[args[0]] != nil:
		r := all[args[0]]
		text := r.got()
		for service := range r.services {
			text += "service: " + service + "\n"
		}
		for _, header := range r.headers {
			if tenant := header.Get("X-Tenant"); tenant != "" {
				text += "tenant: " + tenant + "\n"
			}
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
		r := newReceiver(answers...)
		ts.Defer(r.Close)
		all[args[0]] = r
		ts.Setenv(args[0], r.url())
	default:
		ts.Fatalf("usage: receiver VAR [status...], or receiver VAR > file")
	}
}
