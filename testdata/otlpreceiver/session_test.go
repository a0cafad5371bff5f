package otlpreceiver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"

	"auditctl/cmd"
	"auditctl/pkg/collector/otlp"
	"auditctl/pkg/events"
	"auditctl/testdata/tlstest"
)

// session returns events of all types and severities, some without a turn, an agent or a
// session.
func session(t *testing.T, n int) (all []events.Event) {
	t.Helper()
	begun := time.Date(2026, 3, 9, 8, 14, 2, 123_456_000, time.UTC)
	types, severities := events.Types(), events.Severities()
	for i := range n {
		record, err := events.NewRecord(types[i%len(types)])
		if err != nil {
			t.Fatal(err)
		}
		e := events.EnvelopeOf(record)
		e.Timestamp = begun.Add(time.Duration(i) * time.Millisecond)
		e.Severity = severities[i%len(severities)]
		if i%7 > 0 {
			e.SessionID = fmt.Sprintf("sess-é-%d", i/1000)
		}
		if i%5 > 0 {
			e.TurnID = fmt.Sprintf("turn-%d", i/50)
		}
		if i%3 > 0 {
			e.AgentID = "tracker"
		}
		if i%2 > 0 {
			e.Metadata.Set("n", i)
			e.Metadata.Set("f", 0.5)
			e.Metadata.Set("nested", map[string]any{"a": []any{1, "x", true, nil}})
		}
		event, err := events.New(record)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, event)
	}
	return all
}

// A whole session arrives once and in order, with every field as documented, although the
// receiver refuses a batch now and then.
func TestSession(t *testing.T) {
	p := &pipeline{refuse: func(call int) error {
		if call%4 == 0 {
			return errors.New("full")
		}
		return nil
	}}
	address := start(t, p)
	var logged bytes.Buffer
	out, err := otlp.New("http://"+address, &otlp.Options{MaxRecords: 500, ServiceName: "billing", Version: "v1", Logger: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	sent := session(t, 10_000)
	before := time.Now()
	for _, e := range sent {
		if err := out.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	after := time.Now()

	if p.calls <= len(p.kept) || !strings.Contains(logged.String(), "503 Service Unavailable: full; trying again") {
		t.Errorf("%d calls for %d batches, logged %q", p.calls, len(p.kept), &logged)
	}
	for _, logs := range p.kept {
		resource := logs.ResourceLogs().At(0)
		scope := resource.ScopeLogs().At(0).Scope()
		if got := resource.Resource().Attributes().AsRaw(); len(got) != 1 || got["service.name"] != "billing" {
			t.Fatalf("resource %v", got)
		}
		if scope.Name() != "auditctl" || scope.Version() != "v1" {
			t.Fatalf("scope %s %s", scope.Name(), scope.Version())
		}
	}
	got := p.records()
	for i, record := range got {
		if observed := record.ObservedTimestamp().AsTime(); observed.Before(before) || observed.After(after) {
			t.Fatalf("event %d: observed at %v", i, observed)
		}
	}
	sameFields(t, got, sent)
}

func sameFields(t *testing.T, got []plog.LogRecord, sent []events.Event) {
	t.Helper()
	if len(got) != len(sent) {
		t.Fatalf("%d records, want %d", len(got), len(sent))
	}
	for i, record := range got {
		if have, want := fields(record), wanted(t, sent[i].Line()); have != want {
			t.Fatalf("event %d:\n%s\nwant\n%s", i, have, want)
		}
	}
}

// The same fields arrive in JSON, at a receiver that wants a certificate.
func TestJSONByTLS(t *testing.T) {
	dir := t.TempDir()
	authority := tlstest.New(t, dir)
	authority.Issue("server")
	authority.Issue("client")
	file := func(name string) string { return filepath.Join(dir, name) }
	p := &pipeline{}
	address := start(t, p, overHTTP, func(c *otlpreceiver.Config, _ string) {
		files := c.Protocols.HTTP.GetOrInsertDefault().ServerConfig.TLS.GetOrInsertDefault()
		files.ClientCAFile, files.CertFile, files.KeyFile = file("ca.pem"), file("server.pem"), file("server.key")
	})
	config, err := otlp.LoadTLS(file("ca.pem"), file("client.pem"), file("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := otlp.New("https://"+address, &otlp.Options{JSON: true, TLS: config})
	if err != nil {
		t.Fatal(err)
	}
	sent := session(t, 3000)
	for _, e := range sent {
		if err := out.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	sameFields(t, p.records(), sent)
}

// The port for gRPC is known for what it is.
func TestPortForGRPC(t *testing.T) {
	var stderr bytes.Buffer
	status := cmd.Run(t.Context(), []string{"emit", "base", "-o", "otlp+http://" + start(t, &pipeline{}, overGRPC)}, cmd.Streams{Out: io.Discard, Err: &stderr})
	if status != 2 || !strings.HasSuffix(stderr.String(), ": the receiver does not speak HTTP/1.1: if it is for gRPC, want its port for HTTP, mostly 4318\n") {
		t.Errorf("status %d, %s", status, &stderr)
	}
}

// fields formats all fields of a record except when it was observed.
func fields(r plog.LogRecord) string {
	trace, span := r.TraceID(), r.SpanID()
	return spell(map[string]any{
		"name": r.EventName(), "time": r.Timestamp().AsTime(), "severity": r.SeverityText(), "number": int(r.SeverityNumber()),
		"trace": hex.EncodeToString(trace[:]), "span": hex.EncodeToString(span[:]), "flags": uint32(r.Flags()), "dropped": r.DroppedAttributesCount(),
		"attributes": r.Attributes().AsRaw(), "body": r.Body().AsString(), "kind": r.Body().Type() == pcommon.ValueTypeStr,
	})
}

// wanted formats the fields that a line must have.
func wanted(t *testing.T, line []byte) string {
	t.Helper()
	var e struct {
		Type      string    `json:"event_type"`
		Timestamp time.Time `json:"timestamp"`
		Severity  string    `json:"severity"`
		Agent     string    `json:"agent_id"`
		Session   string    `json:"session_id"`
		Turn      string    `json:"turn_id"`
		Metadata  map[string]any
	}
	if err := json.Unmarshal(line, &e); err != nil {
		t.Fatal(err)
	}
	attributes := map[string]any{"gen_ai.agent.id": e.Agent, "session.id": e.Session, "auditctl.turn.id": e.Turn}
	maps.DeleteFunc(attributes, func(_ string, v any) bool { return v == "" })
	for key, value := range e.Metadata {
		attributes["auditctl.metadata."+key] = value
	}
	trace, span := make([]byte, 16), make([]byte, 8)
	if e.Session != "" {
		sum := sha256.Sum256([]byte("auditctl session\x00" + e.Session))
		trace = sum[:16]
		if e.Turn != "" {
			sum := sha256.Sum256([]byte("auditctl turn\x00" + e.Session + "\x00" + e.Turn))
			span = sum[:8]
		}
	}
	numbers := map[string]int{"debug": 5, "info": 9, "warning": 13, "error": 17, "critical": 21}
	return spell(map[string]any{
		"name": e.Type, "time": e.Timestamp, "severity": e.Severity, "number": numbers[e.Severity],
		"trace": hex.EncodeToString(trace), "span": hex.EncodeToString(span), "flags": 0, "dropped": 0,
		"attributes": attributes, "body": string(line), "kind": true,
	})
}

func spell(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// A permanent refusal is an error with the receiver's message.
func TestFinalRefusal(t *testing.T) {
	p := &pipeline{refuse: func(int) error { return consumererror.NewPermanent(errors.New("no such tenant")) }}
	out, err := otlp.New("http://"+start(t, p), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Emit(session(t, 1)[0]); err != nil {
		t.Fatal(err)
	}
	want := "500 Internal Server Error: Permanent error: no such tenant"
	if err := out.Close(); err == nil || err.Error() != want {
		t.Errorf("Close: %v, want %s", err, want)
	}
	if p.calls != 1 {
		t.Errorf("%d calls, want 1", p.calls)
	}
}

// The command sends every line, even those that are not events.
func TestTee(t *testing.T) {
	p := &pipeline{refuse: func(call int) error {
		if call%3 == 1 {
			return errors.New("full")
		}
		return nil
	}}
	var input strings.Builder
	for i, e := range session(t, 10_000) {
		input.Write(append(e.Line(), '\n'))
		if i%1000 == 0 {
			fmt.Fprintf(&input, "no event \xff %d\n", i)
		}
	}
	var stdout, stderr bytes.Buffer
	status := cmd.Run(t.Context(), []string{"tee", "--invalid=skip", "otlp+http://" + start(t, p)},
		cmd.Streams{In: strings.NewReader(input.String()), Out: &stdout, Err: &stderr})
	if status != 0 || stdout.String() != input.String() {
		t.Errorf("status %d, %d bytes, want 0 and %d; %s", status, stdout.Len(), input.Len(), &stderr)
	}
	var got strings.Builder
	for _, record := range p.records() {
		if body := record.Body(); body.Type() == pcommon.ValueTypeBytes {
			got.Write(body.Bytes().AsRaw())
		} else {
			got.WriteString(body.Str())
		}
		got.WriteByte('\n')
	}
	if got.String() != input.String() {
		t.Errorf("the receiver has %d bytes, want %d", got.Len(), input.Len())
	}
}
