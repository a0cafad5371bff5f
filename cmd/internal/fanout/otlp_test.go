package fanout_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/logs/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
)

// The program's own variables win over those for logs, and these over those for all
// signals; what is empty or blank is not set.
func TestOTLPVariables(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked <- summary(t, r) }))
	defer receiver.Close()
	const usual = "/v1/logs application/x-protobuf none [service.name=auditctl]"
	for _, test := range []struct {
		name string
		env  string // NAME=VALUE separated by blanks; URL stands for that of the receiver
		want string
	}{
		{"usual", "OTEL_EXPORTER_OTLP_ENDPOINT=URL", usual},
		{"path", "OTEL_EXPORTER_OTLP_ENDPOINT=URL/a%2Fb/", strings.Replace(usual, "/", "/a%2Fb/", 1)},
		{"logs", "OTEL_EXPORTER_OTLP_ENDPOINT=URL/all OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=URL/logs?a=b", strings.Replace(usual, "/v1/logs", "/logs?a=b", 1)},
		{"logs without a path", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=URL", strings.Replace(usual, "/v1/logs", "/", 1)},
		{"own", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_ENDPOINT=URL/all OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=URL/logs", usual},
		{"own as it is typed", "A_ENDPOINT=otlp+URL/own", strings.Replace(usual, "/v1/logs", "/own", 1)},
		{"empty", "A_ENDPOINT= OTEL_EXPORTER_OTLP_LOGS_ENDPOINT= OTEL_EXPORTER_OTLP_ENDPOINT=URL", usual},
		{"JSON", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_PROTOCOL=HTTP/JSON", strings.Replace(usual, "x-protobuf", "json", 1)},
		{"JSON for other signals", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf", usual},
		{"own JSON", "A_ENDPOINT=URL A_PROTOCOL=http/json OTEL_EXPORTER_OTLP_LOGS_PROTOCOL=http/protobuf", strings.Replace(usual, "x-protobuf", "json", 1)},
		{"gzip for logs", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_COMPRESSION=none OTEL_EXPORTER_OTLP_LOGS_COMPRESSION=gzip", strings.Replace(usual, "none", "gzip", 1)},
		{"headers", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_HEADERS=authorization=all OTEL_EXPORTER_OTLP_LOGS_HEADERS=authorization=l%20ogs", usual + " l ogs"},
		{"own headers", "A_ENDPOINT=URL A_HEADERS=authorization=own OTEL_EXPORTER_OTLP_LOGS_HEADERS=authorization=logs", usual + " own"},
		{"resource", "A_ENDPOINT=URL OTEL_RESOURCE_ATTRIBUTES=b=2,service.name=x,a=%C3%A9%2C", strings.Replace(usual, "service.name=auditctl", "service.name=x a=é, b=2", 1)},
		{"service", "A_ENDPOINT=URL OTEL_RESOURCE_ATTRIBUTES=service.name=x OTEL_SERVICE_NAME=y", strings.Replace(usual, "=auditctl", "=y", 1)},
		{"own service", "A_ENDPOINT=URL A_SERVICE_NAME=z OTEL_SERVICE_NAME=y", strings.Replace(usual, "=auditctl", "=z", 1)},
		{"own resource", "A_ENDPOINT=URL A_RESOURCE_ATTRIBUTES=service.name=z OTEL_RESOURCE_ATTRIBUTES=a=b", strings.Replace(usual, "=auditctl", "=z", 1)},
		{"not a resource", "A_ENDPOINT=URL OTEL_RESOURCE_ATTRIBUTES=a=b,c=%zz", usual},
		{"not UTF-8", "A_ENDPOINT=URL OTEL_RESOURCE_ATTRIBUTES=a=%ff", usual},
		{"no limit", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_TIMEOUT=0", usual},
		{"files that plain HTTP does not need", "A_ENDPOINT=URL OTEL_EXPORTER_OTLP_CERTIFICATE=none.pem OTEL_EXPORTER_OTLP_CLIENT_KEY=none.key", usual},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "none"}
			for pair := range strings.FieldsSeq(test.env) {
				name, value, _ := strings.Cut(pair, "=")
				env[name] = " " + strings.Replace(value, "URL", receiver.URL, 1)
			}
			var messages bytes.Buffer
			set := fanout.New(fanout.Options{Out: io.Discard, Reports: report.New("test", &messages), OTLP: fanout.OTLP{
				Variables: "A_", Getenv: func(name string) string { return env[name] },
			}})
			to, err := set.Add(fanout.Role{}, "otlp:")
			if err == nil {
				err = set.Open(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			defer set.Close()
			if err := set.Send([]fanout.Delivery{{To: to, Lines: []byte("{\"event_type\": \"x\"}\n")}}); err != nil {
				t.Fatalf("%v: %s", err, &messages)
			}
			if got := <-asked; got != test.want {
				t.Errorf("%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What a receiver rejects is reported, and not sent again: it would be rejected for ever.
func TestOTLPRejected(t *testing.T) {
	t.Parallel()
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "too long"}}`)
	}))
	defer receiver.Close()
	for _, retry := range []bool{true, false} {
		var said bytes.Buffer
		reports := report.New("test", &said)
		set := fanout.New(fanout.Options{Out: io.Discard, Reports: reports, Retry: retry, OTLP: fanout.OTLP{Getenv: func(string) string { return "" }}})
		to, err := set.Add(fanout.Role{}, "otlp+"+receiver.URL)
		if err == nil {
			err = set.Open(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		var errs []error
		for range 3 {
			errs = append(errs, set.Send([]fanout.Delivery{{To: to, Lines: []byte("{\"event_type\": \"x\"}\n")}}))
		}
		set.Close()
		want := "test: write otlp+" + receiver.URL + ": 1 of 1 events were rejected: too long"
		if retry {
			want += "; they are not sent again\ntest: write otlp+" + receiver.URL + ": 2 events more rejected"
		}
		if retry != (errors.Join(errs...) == nil) || said.String() != want+"\n" || !reports.Failed() {
			t.Errorf("retry %t: %v, said %q", retry, errs, &said)
		}
	}
}

// summary returns the path, type, compression, resource and authorization of a request.
func summary(t *testing.T, r *http.Request) string {
	encoding, resource := "gzip", "service.name=auditctl"
	if r.Header.Get("Content-Encoding") != "gzip" {
		encoding = "none"
		body, err := io.ReadAll(r.Body)
		unmarshal := proto.Unmarshal
		if r.Header.Get("Content-Type") == "application/json" {
			unmarshal = protojson.Unmarshal
		}
		var logs collectorpb.ExportLogsServiceRequest
		if err != nil || unmarshal(body, &logs) != nil {
			t.Errorf("not a request: %q", body)
		}
		var attributes []string
		for _, kv := range logs.GetResourceLogs()[0].GetResource().GetAttributes() {
			attributes = append(attributes, kv.GetKey()+"="+kv.GetValue().GetStringValue())
		}
		resource = strings.Join(attributes, " ")
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s [%s] %s", r.RequestURI, r.Header.Get("Content-Type"), encoding, resource, r.Header.Get("Authorization")))
}
