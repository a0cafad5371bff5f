package otlp_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"auditctl/pkg/collector/otlp"
)

// A request in JSON has ids in hex, enums as numbers and numbers of 64 bits as strings.
func TestJSON(t *testing.T) {
	var body string
	client := &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		body = r.Header.Get("Content-Type") + " " + string(text)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, err
	})}
	c := open(t, "http://receiver", &otlp.Options{JSON: true, Uncompressed: true, Client: client, Version: "v1", Resource: map[string]string{"host.name": "é"}})
	line := `{"event_type": "x", "timestamp": "1970-01-01T00:00:01Z", "severity": "info", "session_id": "s", "turn_id": "t", "metadata": {"a": 1, "b": [0.5, null, {}], "c": true}}`
	emit(t, c, line)
	emitLines(t, c, "\xff\n")
	flush(t, c)
	got := regexp.MustCompile(`("observedTimeUnixNano":)"[0-9]{19}"`).ReplaceAllString(body, `$1"now"`)
	want := `application/json {"resourceLogs":[{"resource":{"attributes":[` +
		`{"key":"service.name","value":{"stringValue":"auditctl"}},{"key":"host.name","value":{"stringValue":"\u00e9"}}]},` +
		`"scopeLogs":[{"scope":{"name":"auditctl","version":"v1"},"logRecords":[` +
		`{"timeUnixNano":"1000000000","observedTimeUnixNano":"now","severityNumber":9,"severityText":"info","eventName":"x","body":{"stringValue":"` +
		strings.ReplaceAll(line, `"`, `\"`) + `"},"attributes":[` +
		`{"key":"session.id","value":{"stringValue":"s"}},{"key":"auditctl.turn.id","value":{"stringValue":"t"}},` +
		`{"key":"auditctl.metadata.a","value":{"intValue":"1"}},` +
		`{"key":"auditctl.metadata.b","value":{"arrayValue":{"values":[{"doubleValue":0.5},{},{"kvlistValue":{"values":[]}}]}}},` +
		`{"key":"auditctl.metadata.c","value":{"boolValue":true}}],` +
		`"traceId":"b5c1268cd855fe3067f476999d08fb07","spanId":"f56208c8bfe2740d"},` +
		`{"timeUnixNano":"0","observedTimeUnixNano":"now","body":{"bytesValue":"/w=="}}]}]}]}`
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The resource has one service.name, first, and then the other attributes by name.
func TestResource(t *testing.T) {
	for _, test := range []struct {
		opts otlp.Options
		want string
	}{
		{otlp.Options{}, "service.name=auditctl"},
		{otlp.Options{Resource: map[string]string{"service.name": "billing", "b": "2", "a": "1"}}, "service.name=billing a=1 b=2"},
		{otlp.Options{ServiceName: "mine", Resource: map[string]string{"service.name": "billing"}}, "service.name=mine"},
		{otlp.Options{ServiceName: "\xff", Resource: map[string]string{"\xff": "\xff"}}, "service.name=\uFFFD \uFFFD=\uFFFD"},
	} {
		r := newReceiver(t)
		c := open(t, r.URL, &test.opts)
		emit(t, c, numbered("x", 0))
		flush(t, c)
		var got []string
		for _, kv := range r.requests()[0].body.GetResourceLogs()[0].GetResource().GetAttributes() {
			got = append(got, fmt.Sprintf("%s=%s", kv.GetKey(), kv.GetValue().GetStringValue()))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%+v: %q, want %s", test.opts, got, test.want)
		}
	}
}
