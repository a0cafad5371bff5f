package otlpreceiver_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	commonpb "go.opentelemetry.io/proto/slim/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/slim/otlp/logs/v1"
	statuspb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"auditctl/pkg/otlpreceiver"
)

// patience only turns an endless wait into a failure.
const patience = 5 * time.Minute

// A server is a Receiver that listens, and what was taken from it.
type server struct {
	*otlpreceiver.Receiver
	url   string
	said  bytes.Buffer // read it after Shutdown
	lines strings.Builder
	taken chan struct{} // has a value for each request that was taken
}

// serve starts a server. What becomes of each request is for take to say.
func serve(t *testing.T, opts otlpreceiver.Options, take func(*otlpreceiver.Request)) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{url: "http://" + l.Addr().String(), taken: make(chan struct{}, 1000)}
	if opts.Patience == 0 {
		opts.Patience = patience
	}
	opts.Logger = slog.New(slog.NewTextHandler(&s.said, nil))
	s.Receiver = otlpreceiver.New(&opts)
	var running sync.WaitGroup
	running.Go(func() { s.Serve(l, nil) })
	running.Go(func() {
		for {
			q, err := s.Next(context.Background())
			if err != nil {
				return
			}
			for line := range q.Lines() {
				s.lines.Write(line)
			}
			s.taken <- struct{}{}
			take(q)
		}
	})
	t.Cleanup(func() {
		s.Shutdown(context.Background())
		running.Wait()
	})
	return s
}

// post sends a request with header fields, each as "Name: value".
func post(t *testing.T, url string, body []byte, header ...string) (*http.Response, string) {
	t.Helper()
	return do(t, "POST", url, bytes.NewReader(body), header...)
}

func do(t *testing.T, method, url string, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range header {
		name, value, _ := strings.Cut(field, ": ")
		if req.Header.Set(name, value); name == "Host" {
			req.Host = value
		}
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func zipped(texts ...[]byte) []byte {
	var b bytes.Buffer
	for _, text := range texts {
		w := gzip.NewWriter(&b)
		w.Write(text)
		w.Close()
	}
	return b.Bytes()
}

// logs returns a request with a record for each body, in protobuf.
func logs(t testing.TB, bodies ...string) []byte {
	scope := &logspb.ScopeLogs{}
	for _, body := range bodies {
		scope.LogRecords = append(scope.LogRecords, &logspb.LogRecord{Body: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: body}}})
	}
	encoded, err := proto.Marshal(&collectorpb.ExportLogsServiceRequest{ResourceLogs: []*logspb.ResourceLogs{{ScopeLogs: []*logspb.ScopeLogs{scope}}}})
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

const (
	protobuf = "Content-Type: application/x-protobuf"
	asJSON   = "Content-Type: application/json"
	gzipped  = "Content-Encoding: gzip"
	jsonLogs = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"a"}}]}]}]}`
)

// What senders are told, in their own encoding.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s := serve(t, otlpreceiver.Options{MaxRequest: 1 << 10, Local: true}, (*otlpreceiver.Request).Accept)
	secret := serve(t, otlpreceiver.Options{MaxRequest: 1 << 10, Local: true, Token: "s3cret"}, (*otlpreceiver.Request).Accept)
	refusing := serve(t, otlpreceiver.Options{MaxRequest: 1 << 10}, (*otlpreceiver.Request).Refuse)
	ok, large := logs(t, "a"), bytes.Repeat([]byte(" "), 1<<10)
	zip := zipped(ok)
	for name, test := range map[string]struct {
		server *server
		method string
		path   string
		body   []byte
		header []string
		status int
		code   int32
		field  string // of the answer's header
	}{
		"protobuf":              {s, "", "", ok, []string{protobuf}, 200, 0, ""},
		"nothing":               {s, "", "", nil, []string{protobuf}, 200, 0, ""},
		"json":                  {s, "", "", []byte(jsonLogs), []string{asJSON}, 200, 0, ""},
		"json of several lines": {s, "", "", []byte("\ufeff\n" + strings.ReplaceAll(jsonLogs, "{", "{\r\n")), []string{asJSON}, 200, 0, ""},
		"json with a charset":   {s, "", "", []byte(jsonLogs), []string{asJSON + "; charset=UTF-8"}, 200, 0, ""},
		"empty object":          {s, "", "", []byte("{ }"), []string{asJSON}, 200, 0, ""},
		"gzip":                  {s, "", "", zip, []string{protobuf, gzipped}, 200, 0, ""},
		"gzip members":          {s, "", "", zipped(ok[:3], ok[3:]), []string{protobuf, gzipped}, 200, 0, ""},
		"as large as may be":    {s, "", "", append([]byte(jsonLogs), large[:1<<10-len(jsonLogs)]...), []string{asJSON}, 200, 0, ""},
		"token":                 {secret, "", "", ok, []string{protobuf, "Authorization: bearer s3cret", "Host: evil.example"}, 200, 0, ""},
		"metrics":               {s, "", "/v1/metrics", []byte("anything"), []string{protobuf}, 200, 0, ""},
		"traces":                {s, "", "/v1/traces", []byte("{}"), []string{asJSON}, 200, 0, ""},
		"localhost":             {s, "", "", ok, []string{protobuf, "Host: LocalHost.:4318"}, 200, 0, ""},
		"an address":            {s, "", "", ok, []string{protobuf, "Host: [::1]"}, 200, 0, ""},

		"not all have it":       {refusing, "", "", ok, []string{protobuf}, 503, 14, "Retry-After: 1"},
		"no protobuf":           {s, "", "", []byte("nonsense"), []string{protobuf}, 400, 3, ""},
		"no json":               {s, "", "", ok, []string{asJSON}, 400, 3, ""},
		"two values":            {s, "", "", []byte("{\"resourceLogs\":[1\n2]}"), []string{asJSON}, 400, 3, ""},
		"a line feed in text":   {s, "", "", []byte("{\"resourceLogs\":[\"\n\"]}"), []string{asJSON}, 400, 3, ""},
		"an array":              {s, "", "", []byte("[]"), []string{asJSON}, 400, 3, ""},
		"nothing as json":       {s, "", "", nil, []string{asJSON}, 400, 3, ""},
		"keys of protobuf":      {s, "", "", []byte(`{"resource_logs":[]}`), []string{asJSON}, 400, 3, ""},
		"no list":               {s, "", "", []byte(`{"resourceLogs":{}}`), []string{asJSON}, 400, 3, ""},
		"no gzip":               {s, "", "", ok, []string{protobuf, gzipped}, 400, 3, ""},
		"cut off gzip":          {s, "", "", zip[:len(zip)-1], []string{protobuf, gzipped}, 400, 3, ""},
		"changed gzip":          {s, "", "", append(zip[:len(zip)-8:len(zip)-8], 1, 2, 3, 4, 5, 6, 7, 8), []string{protobuf, gzipped}, 400, 3, ""},
		"text after gzip":       {s, "", "", append(zip[:len(zip):len(zip)], "text"...), []string{protobuf, gzipped}, 400, 3, ""},
		"a web page":            {s, "", "", ok, []string{protobuf, "Origin: http://localhost:4318"}, 400, 3, ""},
		"a web page's fetch":    {s, "", "", ok, []string{protobuf, "Sec-Fetch-Site: same-origin"}, 400, 3, ""},
		"a web page's own name": {s, "", "", ok, []string{protobuf, "Host: evil.example:4318"}, 400, 3, ""},
		"no token":              {secret, "", "", ok, []string{protobuf}, 401, 16, "WWW-Authenticate: Bearer"},
		"another token":         {secret, "", "", []byte(jsonLogs), []string{asJSON, "Authorization: Bearer s3cre"}, 401, 16, "WWW-Authenticate: Bearer"},
		"another scheme":        {secret, "", "", ok, []string{protobuf, "Authorization: Basic s3cret"}, 401, 16, "WWW-Authenticate: Bearer"},
		"no token for metrics":  {secret, "", "/v1/metrics", ok, []string{protobuf}, 401, 16, ""},
		"another path":          {s, "", "/v1/logs/", ok, []string{protobuf}, 404, 12, ""},
		"another method":        {s, "GET", "", nil, []string{protobuf}, 405, 12, "Allow: POST"},
		"a web page's question": {s, "OPTIONS", "", nil, []string{asJSON, "Origin: http://evil.example", "Access-Control-Request-Method: POST"}, 405, 12, "Allow: POST"},
		"large":                 {s, "", "", append([]byte(jsonLogs), large...), []string{asJSON}, 413, 3, ""},
		"a bomb":                {s, "", "", zipped(bytes.Repeat(large, 1000)), []string{protobuf, gzipped}, 413, 3, ""},
		"empty members":         {s, "", "", bytes.Repeat(zipped(nil), 100), []string{protobuf, gzipped}, 413, 3, ""},
		"text":                  {s, "", "", []byte(jsonLogs), []string{"Content-Type: text/plain"}, 415, 3, ""},
		"no type":               {s, "", "", ok, nil, 415, 3, ""},
		"another charset":       {s, "", "", []byte(jsonLogs), []string{asJSON + "; charset=utf-16"}, 415, 3, ""},
		"gRPC":                  {s, "", "/opentelemetry.proto.collector.logs.v1.LogsService/Export", ok, []string{"Content-Type: application/grpc"}, 415, 3, ""},
		"zstd":                  {s, "", "", ok, []string{protobuf, "Content-Encoding: zstd"}, 415, 3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			path, method := test.path, test.method
			if path == "" {
				path = "/v1/logs"
			}
			if method == "" {
				method = "POST"
			}
			for _, body := range []io.Reader{bytes.NewReader(test.body), io.MultiReader(bytes.NewReader(test.body))} { // which is sent in chunks
				answer, text := do(t, method, test.server.url+path, body, test.header...)
				if answer.StatusCode != test.status {
					t.Fatalf("%s: %s", answer.Status, text)
				}
				for name := range answer.Header {
					if strings.HasPrefix(name, "Access-Control") {
						t.Errorf("%s: %s", name, answer.Header[name])
					}
				}
				if name, value, _ := strings.Cut(test.field, ": "); answer.Header.Get(name) != value {
					t.Errorf("%s: %q", name, answer.Header.Get(name))
				}
				checkBody(t, answer, text, test.code, len(test.header) > 0 && test.header[0] == protobuf)
			}
		})
	}
}

// A request may be as large as all memory for one, and one byte more is too much for ever,
// however it comes.
func TestMaxRequest(t *testing.T) {
	t.Parallel()
	const most = 64 << 10
	s := serve(t, otlpreceiver.Options{MaxRequest: most}, (*otlpreceiver.Request).Accept)
	body := []byte(jsonLogs + strings.Repeat(" ", most+1-len(jsonLogs)))
	for size, status := range map[int]int{most: 200, most + 1: 413} {
		for name, body := range map[string]struct {
			io.Reader
			encoding string
		}{
			"known":   {bytes.NewReader(body[:size]), ""},
			"chunked": {io.MultiReader(bytes.NewReader(body[:size])), ""},
			"gzip":    {bytes.NewReader(zipped(body[:size])), "gzip"},
		} {
			if answer, text := do(t, "POST", s.url+"/v1/logs", body, asJSON, "Content-Encoding: "+body.encoding); answer.StatusCode != status {
				t.Errorf("%d bytes, %s: %s: %s", size, name, answer.Status, text)
			}
		}
	}
}

// checkBody checks the body of an answer: an empty response, or a status.
func checkBody(t *testing.T, answer *http.Response, text string, code int32, asProtobuf bool) {
	t.Helper()
	var status statuspb.Status
	var response collectorpb.ExportLogsServiceResponse
	into := []proto.Message{&status, &response}[:1]
	if code == 0 {
		into = []proto.Message{&response}
	}
	decode, contentType := protojson.Unmarshal, "application/json"
	if asProtobuf {
		decode, contentType = proto.Unmarshal, "application/x-protobuf"
	}
	if err := decode([]byte(text), into[0]); err != nil || answer.Header.Get("Content-Type") != contentType {
		t.Errorf("%s %q: %v", answer.Header.Get("Content-Type"), text, err)
	}
	if status.GetCode() != code || (status.GetMessage() == "") != (code == 0) || response.GetPartialSuccess() != nil {
		t.Errorf("the answer is %v %v", &status, &response)
	}
}

// A request is answered only when it is known what became of it, and then as it is.
func TestAnswersLast(t *testing.T) {
	t.Parallel()
	requests := make(chan *otlpreceiver.Request)
	s := serve(t, otlpreceiver.Options{}, func(q *otlpreceiver.Request) { requests <- q })
	for _, test := range []struct {
		end    func(*otlpreceiver.Request)
		status int
	}{
		{(*otlpreceiver.Request).Accept, 200},
		{(*otlpreceiver.Request).Refuse, 503},
		{func(*otlpreceiver.Request) { s.Close() }, 503},
	} {
		answered := make(chan int, 1)
		go func() {
			answer, _ := post(t, s.url+"/v1/logs", []byte(jsonLogs), asJSON)
			answered <- answer.StatusCode
		}()
		q := <-requests
		select {
		case status := <-answered:
			t.Errorf("%d before it is known", status)
		default:
		}
		test.end(q)
		if status := <-answered; status != test.status {
			t.Errorf("status %d, want %d", status, test.status)
		}
	}
}

// A request that nobody takes in time is answered with 503, and is not taken later.
func TestPatience(t *testing.T) {
	t.Parallel()
	r := otlpreceiver.New(&otlpreceiver.Options{Patience: time.Millisecond})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go r.Serve(l, nil)
	answer, _ := post(t, "http://"+l.Addr().String()+"/v1/logs", []byte(jsonLogs), asJSON)
	if answer.StatusCode != 503 || r.TryNext() != nil {
		t.Errorf("%s; it is still there", answer.Status)
	}
	r.Shutdown(t.Context())
}

// All requests together hold twice what one may have, and there are so many at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		max  int64
		body string
		many int
	}{
		"memory":  {1 << 20, jsonLogs + strings.Repeat(" ", 1<<20-len(jsonLogs)), 1},
		"senders": {0, jsonLogs, otlpreceiver.MaxSenders},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			let := make(chan struct{})
			s := serve(t, otlpreceiver.Options{MaxRequest: test.max}, func(q *otlpreceiver.Request) {
				go func() {
					<-let
					q.Accept()
				}()
			})
			var sending sync.WaitGroup
			for range test.many {
				sending.Go(func() {
					if answer, text := post(t, s.url+"/v1/logs", []byte(test.body), asJSON); answer.StatusCode != 200 {
						t.Errorf("%s: %s", answer.Status, text)
					}
				})
			}
			for range test.many {
				<-s.taken
			}
			if answer, _ := post(t, s.url+"/v1/logs", []byte(test.body), asJSON); answer.StatusCode != 503 {
				t.Errorf("one more: %s", answer.Status)
			}
			close(let)
			sending.Wait()
			if answer, _ := post(t, s.url+"/v1/logs", []byte(test.body), asJSON); answer.StatusCode != 200 {
				t.Errorf("later: %s", answer.Status)
			}
		})
	}
}

// Each kind of warning is said once, and no token is.
func TestWarnings(t *testing.T) {
	t.Parallel()
	s := serve(t, otlpreceiver.Options{Token: "s3cret"}, (*otlpreceiver.Request).Accept)
	token := "Authorization: Bearer s3cret"
	for range 2 {
		post(t, s.url+"/v1/metrics", nil, protobuf, token)
		post(t, s.url+"/v1/traces", nil, protobuf, token)
		post(t, s.url+"/v1/logs", nil, protobuf, "Authorization: Bearer other")
		post(t, s.url+"/x/Export", nil, "Content-Type: application/grpc+proto")
		post(t, s.url+"/v1/logs", append(logs(t, "a"), 0x78, 1), protobuf, token)
	}
	s.Shutdown(t.Context())
	for text, times := range map[string]int{
		"metrics were sent": 1, "traces were sent": 1, "want the header Authorization": 1,
		"this is OTLP/HTTP, not gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf": 1,
		"number 15 of ExportLogsServiceRequest":                                      1,
		"level=":                                                                     5, "other": 0, "s3cret": 0,
	} {
		if n := strings.Count(s.said.String(), text); n != times {
			t.Errorf("said %q %d times:\n%s", text, n, &s.said)
		}
	}
	if metrics, traces := s.NotRecorded(); metrics != 2 || traces != 2 {
		t.Errorf("%d metrics and %d traces", metrics, traces)
	}
}

// HTTP/2 without TLS, which is what gRPC speaks, gets an answer that says what is wrong.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	s := serve(t, otlpreceiver.Options{}, (*otlpreceiver.Request).Accept)
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	client := http.Client{Transport: &http.Transport{Protocols: protocols, TLSClientConfig: &tls.Config{}}}
	for contentType, want := range map[string]int{"application/grpc": 415, "application/json": 200} {
		answer, err := client.Post(s.url+"/v1/logs", contentType, strings.NewReader(jsonLogs))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want || answer.ProtoMajor != 2 {
			t.Errorf("%s: %s %s", contentType, answer.Proto, answer.Status)
		}
	}
	client.CloseIdleConnections()
}

// A sender that asks first is told to go on, or why not, before it sends.
func TestExpectContinue(t *testing.T) {
	t.Parallel()
	s := serve(t, otlpreceiver.Options{}, (*otlpreceiver.Request).Accept)
	for contentType, want := range map[string]string{"application/json": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", "text/plain": "HTTP/1.1 415 Unsupported"} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", contentType, len(jsonLogs))
		have := make([]byte, len("HTTP/1.1 100"))
		io.ReadFull(conn, have)
		if strings.HasSuffix(string(have), "100") {
			io.WriteString(conn, jsonLogs)
		}
		rest := make([]byte, len(want)-len(have))
		io.ReadFull(conn, rest)
		if string(have)+string(rest) != want {
			t.Errorf("%s: %s%s", contentType, have, rest)
		}
		conn.Close()
	}
}
