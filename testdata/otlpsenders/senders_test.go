// Package otlpsenders tests auditctl as a receiver of what OpenTelemetry's own exporters
// send. It is a module of its own because of their dependencies.
package otlpsenders

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

// patience only turns an endless wait into a failure.
const patience = time.Minute

// program is auditctl.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "otlpsenders")
	if err == nil {
		program = filepath.Join(dir, "auditctl")
		build := exec.Command("go", "build", "-o", program, ".")
		build.Dir, build.Stderr = filepath.Join("..", ".."), os.Stderr
		err = build.Run()
	}
	os.Setenv("OTEL_SERVICE_NAME", "sender") // which both SDKs know
	status := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		status = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(status)
}

// A recorder is auditctl that records what it receives in a file.
type recorder struct {
	t    *testing.T
	file string
	host string // and port, which it keeps
	cmd  *exec.Cmd
}

// start starts it, at the same address as before.
func (r *recorder) start() {
	r.t.Helper()
	r.cmd = exec.Command(program, "tee", "-q", "-i", "otlp+http://"+r.host, r.file, "--sync=always")
	said, err := r.cmd.StderrPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	line, err := lines.ReadString('\n')
	address, ok := strings.CutPrefix(line, "auditctl: listening on http://")
	if err != nil || !ok {
		r.t.Fatalf("said %q, %v", line, err)
	}
	r.host = strings.TrimSuffix(address, "/v1/logs\n")
	go io.Copy(io.Discard, lines)
}

// kill kills it in whatever it does.
func (r *recorder) kill() {
	r.cmd.Process.Kill()
	r.cmd.Wait()
}

func newRecorder(t *testing.T) *recorder {
	r := &recorder{t: t, file: filepath.Join(t.TempDir(), "audit.jsonl"), host: "127.0.0.1:0"}
	r.start()
	t.Cleanup(func() { r.kill() })
	return r
}

// await waits until so many lines were recorded.
func (r *recorder) await(lines int) {
	r.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		text, _ := os.ReadFile(r.file)
		if bytes.Count(text, []byte("\n")) >= lines {
			return
		}
	}
	r.t.Fatalf("fewer than %d lines", lines)
}

// killNow kills it several times while it records, and starts it again.
func (r *recorder) killNow(records int) {
	for n := range 5 {
		r.await(records * n / 6)
		r.kill()
		r.start()
	}
}

// check checks that each record is there at least once, and as it was sent.
func (r *recorder) check(records int) {
	r.t.Helper()
	text, err := os.ReadFile(r.file)
	if err != nil {
		r.t.Fatal(err)
	}
	found := map[int]bool{}
	for line := range bytes.Lines(text) {
		var e struct {
			Type     string `json:"event_type"`
			Time     string `json:"timestamp"`
			Session  string `json:"session_id"`
			Severity string
			Metadata struct {
				N       int
				Text    string
				Map     string
				Service string `json:"service.name"`
				Scope   string
				Source  struct{ Dialect string }
			}
			Message string
		}
		if err := json.Unmarshal(line, &e); err != nil {
			r.t.Fatalf("%v: %s", err, line)
		}
		n := e.Metadata.N
		have := fmt.Sprint(e.Type, e.Time, e.Session, e.Severity, e.Metadata.Text, e.Metadata.Map, e.Metadata.Service, e.Metadata.Scope, e.Metadata.Source, e.Message)
		want := fmt.Sprint("otlp.test.event", "2026-03-09T08:14:02.123456+00:00", "s-"+strconv.Itoa(n/100), "warning", "é \"\n", `{"list": [1, 0.5, true]}`, "sender", "test", struct{ Dialect string }{"otlp"}, fmt.Sprint("record ", n))
		if have != want {
			r.t.Fatalf("have %s\nwant %s", have, want)
		}
		found[n] = true
	}
	if len(found) != records {
		r.t.Errorf("%d of %d records are there", len(found), records)
	}
}

// A stubborn exporter sends again what the exporter gave up, as an agent that must not lose
// anything does: by itself it does not try again while nobody listens.
type stubborn struct{ sdklog.Exporter }

func (s stubborn) Export(ctx context.Context, records []sdklog.Record) error {
	for {
		err := s.Exporter.Export(ctx, records)
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

// Of what the SDK for Go sends in protobuf, nothing is lost or changed although auditctl is
// killed and started again.
func TestGo(t *testing.T) {
	t.Parallel()
	for name, compression := range map[string]otlploghttp.Compression{"plain": otlploghttp.NoCompression, "gzip": otlploghttp.GzipCompression} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const records = 3000
			r := newRecorder(t)
			exporter, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpoint(r.host), otlploghttp.WithInsecure(), otlploghttp.WithCompression(compression))
			if err != nil {
				t.Fatal(err)
			}
			provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(stubborn{exporter},
				sdklog.WithMaxQueueSize(records), sdklog.WithExportMaxBatchSize(20), sdklog.WithExportInterval(time.Millisecond), sdklog.WithExportTimeout(patience))))
			for n := range records {
				var record log.Record
				record.SetTimestamp(time.Date(2026, 3, 9, 8, 14, 2, 123_456_000, time.UTC))
				record.SetSeverity(log.SeverityWarn)
				record.SetEventName("test.event")
				record.SetBody(attribute.StringValue(fmt.Sprint("record ", n)))
				record.AddAttributes(
					attribute.Int("n", n), attribute.String("text", "é \"\n"), attribute.String("session.id", fmt.Sprint("s-", n/100)),
					attribute.Map("map", attribute.Slice("list", attribute.IntValue(1), attribute.Float64Value(0.5), attribute.BoolValue(true))),
				)
				provider.Logger("test").Emit(t.Context(), record)
			}
			r.killNow(records)
			if err := provider.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
			r.check(records)
		})
	}
}

// The same of what the SDK for JavaScript sends in JSON. npm ci installs it.
func TestJavaScript(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if _, missing := os.Stat("node_modules"); err != nil || missing != nil {
		t.Skip("no node, or npm ci was not run")
	}
	const records = 3000
	r := newRecorder(t)
	sender := exec.CommandContext(t.Context(), node, "sender.mjs", "http://"+r.host+"/v1/logs", strconv.Itoa(records))
	var said bytes.Buffer
	sender.Stdout, sender.Stderr = &said, &said
	if err := sender.Start(); err != nil {
		t.Fatal(err)
	}
	r.killNow(records)
	if err := sender.Wait(); err != nil {
		t.Errorf("%v: %s", err, &said)
	}
	r.check(records)
}
