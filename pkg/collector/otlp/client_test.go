package otlp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	statuspb "google.golang.org/genproto/googleapis/rpc/status"

	"auditctl/pkg/collector/otlp"
	"auditctl/pkg/internal/logtest"
)

// The default path is that of the specification.
func TestEndpoint(t *testing.T) {
	for _, test := range []struct {
		path     string
		verbatim bool
		want     string
	}{
		{"", false, "/v1/logs"},
		{"/", false, "/v1/logs"},
		{"/otlp", false, "/otlp"},
		{"/v1/logs/", false, "/v1/logs/"},
		{"", true, "/"},
		{"/otlp", true, "/otlp"},
	} {
		r := newReceiver(t)
		c := open(t, r.URL+test.path, &otlp.Options{Verbatim: test.verbatim})
		emit(t, c, numbered("x", 0))
		flush(t, c)
		if got := r.requests()[0].path; got != test.want {
			t.Errorf("%q, %t: the path is %q, want %q", test.path, test.verbatim, got, test.want)
		}
	}
}

func TestRequest(t *testing.T) {
	for _, test := range []struct {
		name           string
		user           string
		opts           otlp.Options
		auth, encoding string
	}{
		{"default", "", otlp.Options{}, "", "gzip"},
		{"header", "", otlp.Options{Header: http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"text/plain"}}}, "Bearer x", "gzip"},
		{"user in the URL", "user:secret@", otlp.Options{}, "Basic dXNlcjpzZWNyZXQ=", "gzip"},
		{"uncompressed", "", otlp.Options{Uncompressed: true, Header: http.Header{"Content-Encoding": {"gzip"}}}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t)
			c := open(t, strings.Replace(r.URL, "//", "//"+test.user, 1), &test.opts)
			emit(t, c, sized(10_000))
			flush(t, c)
			got := r.requests()[0]
			for name, want := range map[string]string{
				"Authorization": test.auth, "Content-Encoding": test.encoding, "Content-Type": "application/x-protobuf",
			} {
				if got := got.header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if compressed := got.size < 1000; compressed != (test.encoding != "") {
				t.Errorf("the body has %d bytes", got.size)
			}
		})
	}
}

func TestInvalidOptions(t *testing.T) {
	for _, test := range []struct {
		endpoint string
		opts     otlp.Options
		want     string
	}{
		{"localhost:4318", otlp.Options{}, "want an http or https URL"},
		{"ftp://localhost", otlp.Options{}, "want an http or https URL"},
		{"http://user:sec/ret@localhost", otlp.Options{}, "not a URL"},
		{"http:///v1/logs", otlp.Options{}, "a URL without a host"},
		{"http://user@:4318", otlp.Options{}, "a URL without a host"},
		{"http://localhost", otlp.Options{MaxRecords: -1}, "a limit is negative"},
		{"http://localhost", otlp.Options{MaxBytes: -1}, "a limit is negative"},
		{"http://localhost", otlp.Options{Timeout: -1}, "a limit is negative"},
		{"http://localhost", otlp.Options{RetryFor: -1}, "a limit is negative"},
		{"http://localhost", otlp.Options{Header: http.Header{"A b": {""}}}, `"A b": invalid name or value of a header`},
		{"http://localhost", otlp.Options{Header: http.Header{"A": {"secret\r\n"}}}, `"A": invalid name or value of a header`},
	} {
		if _, err := otlp.New(test.endpoint, &test.opts); err == nil || err.Error() != test.want {
			t.Errorf("%s %+v: %v, want %s", test.endpoint, test.opts, err, test.want)
		}
	}
}

// After a temporary failure the same request is retried until the receiver accepts it,
// with one warning.
func TestRetries(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer answer
		notice string // starts with
	}{
		{"429", status(429), "429 Too Many Requests; trying again"},
		{"502", status(502), "502 Bad Gateway; trying again"},
		{"503", says(503, "text/plain", " busy\n"), "503 Service Unavailable: busy; trying again"},
		{"504", status(504), "504 Gateway Timeout; trying again"},
		{"no answer", hangs, "no answer; trying again"},
		{"cut off", cuts, ""},
		{"cut off within the answer", cutsWithin, "unexpected EOF; trying again"},
		{"at a date that has passed", asks(503, "Sat, 02 Jan 1999 15:04:05 GMT"), "503 Service Unavailable; trying again"},
		{"after nonsense", asks(503, "soon"), "503 Service Unavailable; trying again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{t: t, answers: []answer{test.answer, test.answer}}
				var notices []string
				c := open(t, "http://receiver", &otlp.Options{Client: r.inMemory(t), Logger: logtest.New(func(text string) { notices = append(notices, text) })})
				emit(t, c, numbered("x", 0), numbered("x", 1))
				flush(t, c)
				sameLines(t, r.lines(), []string{numbered("x", 0), numbered("x", 1)})
				requests := r.requests()
				if len(requests) != 3 {
					t.Fatalf("%d requests, want 3", len(requests))
				}
				if first, last := asJSON(t, requests[0].body), asJSON(t, requests[2].body); first != last {
					t.Errorf("the requests differ: %s, then %s", first, last)
				}
				if len(notices) != 1 || !strings.HasPrefix(notices[0], test.notice) {
					t.Errorf("notices %q, want %q", notices, test.notice)
				}
			})
		})
	}
}

// After a permanent failure nothing is retried.
func TestFinalAnswers(t *testing.T) {
	inProtobuf := func(w http.ResponseWriter, _ *http.Request) bool {
		answerWith(w, http.StatusBadRequest, &statuspb.Status{Code: 3, Message: "no such tenant"})
		return false
	}
	redirects := func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "https://user:secret@elsewhere/logs?token=secret", http.StatusTemporaryRedirect)
		return false
	}
	for _, test := range []struct {
		name   string
		answer answer
		want   string
	}{
		{"in protobuf", inProtobuf, "400 Bad Request: no such tenant"},
		{"in JSON", says(401, "application/json; charset=utf-8", `{"code": 16, "message": "who are you?", "more": []}`), "401 Unauthorized: who are you?"},
		{"as text", says(403, "text/plain; charset=utf-8", "you may not\n"), "403 Forbidden: you may not"},
		{"as a page", says(404, "text/html", "<html>"), "404 Not Found"},
		{"at length", says(413, "text/plain", strings.Repeat("é", 400)), "413 Request Entity Too Large: " + strings.Repeat("é", 250) + "..."},
		{"not UTF-8", says(500, "text/plain", "\xff"), "500 Internal Server Error: \uFFFD"},
		{"without a name", status(599), "599"},
		{"of a redirect", redirects, "307 Temporary Redirect: the receiver is at https://elsewhere/logs"},
		{"of a web server", says(200, "text/html; charset=utf-8", "<html>"), `not an OTLP receiver: it answers "text/html"`},
		{"damaged", says(200, "application/x-protobuf", "\xff"), `not an OTLP receiver: it answers "application/x-protobuf"`},
		{"partial", partly(3, "too old"), "3 of 2 events were rejected: too old"},
		{"partial, without a message", partly(1, ""), "1 of 2 events were rejected"},
		{"partial, in JSON", says(200, "application/json", `{"partialSuccess": {"rejectedLogRecords": "2", "errorMessage": "full"}}`), "2 of 2 events were rejected: full"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t, test.answer)
			c := open(t, r.URL, nil)
			emit(t, c, numbered("x", 0), numbered("x", 1))
			if err := c.Flush(); err == nil || err.Error() != test.want {
				t.Errorf("Flush: %v, want %s", err, test.want)
			}
			if err := c.Close(); err == nil || err.Error() != test.want {
				t.Errorf("Close: %v, want %s", err, test.want)
			}
			if n := len(r.requests()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// Callers can test errors for their type.
func TestErrorTypes(t *testing.T) {
	r := newReceiver(t, says(401, "text/plain", "x"), partly(1, "y"))
	var status *otlp.StatusError
	c := open(t, r.URL, nil)
	emit(t, c, numbered("x", 0))
	if err := c.Flush(); !errors.As(err, &status) || status.Code != 401 || status.Message != "x" {
		t.Errorf("%#v", err)
	}
	var rejected *otlp.RejectedError
	c = open(t, r.URL, nil)
	emit(t, c, numbered("x", 0))
	if err := c.Flush(); !errors.As(err, &rejected) || *rejected != (otlp.RejectedError{Rejected: 1, Records: 1, Message: "y"}) {
		t.Errorf("%#v", err)
	}
}

// What is rejected need not be an error: then the other requests are sent.
func TestRejected(t *testing.T) {
	r := newReceiver(t, partly(1, "y"))
	var rejected []otlp.RejectedError
	c := open(t, r.URL, &otlp.Options{MaxRecords: 2, Rejected: func(err *otlp.RejectedError) { rejected = append(rejected, *err) }})
	for i := range 3 {
		emit(t, c, numbered("x", i))
	}
	flush(t, c)
	if want := (otlp.RejectedError{Rejected: 1, Records: 2, Message: "y"}); !slices.Equal(rejected, []otlp.RejectedError{want}) {
		t.Errorf("rejected %v", rejected)
	}
	if n := len(r.requests()); n != 2 {
		t.Errorf("%d requests", n)
	}
}

// Successful responses may have several forms; a warning is logged.
func TestSuccess(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer answer
		notice string
	}{
		{"empty", says(200, "", ""), "[]"},
		{"204", status(204), "[]"},
		{"in JSON", says(200, "application/json", `{"partialSuccess": null}`), "[]"},
		{"with a warning", partly(0, "deprecated"), "[deprecated]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t, test.answer)
			notices := []string{}
			c := open(t, r.URL, &otlp.Options{Logger: logtest.New(func(text string) { notices = append(notices, text) })})
			emit(t, c, numbered("x", 0))
			flush(t, c)
			if got := fmt.Sprint(notices); got != test.notice {
				t.Errorf("notices %s, want %s", got, test.notice)
			}
		})
	}
}

// Retry-After is honored, in seconds and as a date.
func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name  string
		value func() string
	}{
		{"seconds", func() string { return "20" }},
		{"date", func() string { return time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{t: t, answers: []answer{func(w http.ResponseWriter, req *http.Request) bool { return asks(429, test.value())(w, req) }}}
				c := open(t, "http://receiver", &otlp.Options{Client: r.inMemory(t)})
				emit(t, c, numbered("x", 0))
				flush(t, c)
				requests := r.requests()
				if waited := requests[len(requests)-1].at.Sub(requests[0].at); len(requests) != 2 || waited != 20*time.Second {
					t.Errorf("%d requests, the last after %v", len(requests), waited)
				}
			})
		})
	}
	t.Run("too long", func(t *testing.T) {
		r := newReceiver(t, asks(503, "3600"))
		c := open(t, r.URL, nil)
		emit(t, c, numbered("x", 0))
		if err := c.Flush(); err == nil || err.Error() != "503 Service Unavailable; it asks to wait for 1h0m0s" {
			t.Errorf("Flush: %v", err)
		}
	})
}

// A request is given up after RetryFor, not much earlier, and the pauses grow. The error
// names the last response, if there was one.
func TestGivesUp(t *testing.T) {
	const limit = 30 * time.Second
	for _, test := range []struct {
		name     string
		answers  []answer
		want     string
		requests int // at most
	}{
		{"unavailable", repeated(status(503), 100), "503 Service Unavailable; gave up after ", 20},
		{"no answer", repeated(hangs, 100), "no answer; gave up after 30s", 3},
		{"unavailable, then no answer", append([]answer{status(503)}, repeated(hangs, 100)...), "503 Service Unavailable; gave up after 30s", 4},
		{"no answer, then unavailable", append([]answer{hangs}, repeated(status(503), 100)...), "503 Service Unavailable; gave up after ", 20},
		{"an answer that does not end", repeated(stalls, 100), "no answer; gave up after 30s", 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &receiver{t: t, answers: test.answers}
				c := open(t, "http://receiver", &otlp.Options{Client: r.inMemory(t), RetryFor: limit})
				emit(t, c, numbered("x", 0))
				begun := time.Now()
				err := c.Flush()
				if err == nil || !strings.HasPrefix(err.Error(), test.want) {
					t.Errorf("Flush: %v, want %s...", err, test.want)
				}
				if took := time.Since(begun); took < limit/2 || took > limit {
					t.Errorf("it took %v, want %v", took, limit)
				}
				if n := len(r.requests()); n < 2 || n > test.requests {
					t.Errorf("%d requests, want at most %d: the pauses do not grow", n, test.requests)
				}
			})
		})
	}
}

func repeated(a answer, n int) []answer {
	return slices.Repeat([]answer{a}, n)
}

// A receiver that does not run yet is waited for.
func TestReceiverThatComesLater(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	late := newReceiver(t)
	started := make(chan *httptest.Server, 1)
	var notices []string
	c := open(t, "http://"+addr, &otlp.Options{RetryFor: time.Hour, Logger: logtest.New(func(text string) {
		notices = append(notices, text)
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		server := &httptest.Server{Listener: l, Config: &http.Server{Handler: late}}
		server.Start()
		started <- server
	})})
	emit(t, c, numbered("x", 0))
	flush(t, c)
	(<-started).Close()
	sameLines(t, late.lines(), []string{numbered("x", 0)})
	if len(notices) != 1 || !strings.Contains(notices[0], "connection refused; trying again") {
		t.Errorf("notices %q", notices)
	}
}

// Errors of the connection do not show secrets from the URL.
func TestErrorsShowNoPassword(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, "http://user:secret@"+l.Addr().String()+"/?token=secret", nil)
		emit(t, c, numbered("x", 0))
		if err := c.Flush(); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "refused") {
			t.Errorf("Flush: %v", err)
		}
	})
}

// An endless response is not read to its end.
func TestEndlessAnswer(t *testing.T) {
	r := newReceiver(t, func(w http.ResponseWriter, req *http.Request) bool {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusBadRequest)
		for req.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
				break
			}
		}
		return false
	})
	c := open(t, r.URL, nil)
	emit(t, c, numbered("x", 0))
	if err := c.Flush(); err == nil || err.Error() != "400 Bad Request: "+strings.Repeat("x", 500)+"..." {
		t.Errorf("Flush: %.100v", err)
	}
}
