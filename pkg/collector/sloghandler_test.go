package collector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// at is the time of the records in these tests.
var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

const envelope = `{"event_type": "%s", "timestamp": "2026-01-02T03:04:05+00:00", "agent_id": null, "turn_id": null, "session_id": null, "severity": "%s", "metadata": {`

func TestSlogHandlerEvents(t *testing.T) {
	for _, test := range []struct {
		name      string
		level     slog.Level
		message   string
		attrs     []any
		eventType string
		severity  string
		rest      string
	}{
		{"plain", slog.LevelInfo, "started", []any{"port", 80}, "log", "info", `"port": 80}, "message": "started"}`},
		{"no message", slog.LevelWarn, "", nil, "log", "warning", `}}`},
		{"debug", slog.LevelDebug, "", nil, "log", "debug", `}}`},
		{"between levels", slog.LevelWarn + 3, "", nil, "log", "warning", `}}`},
		{"error", slog.LevelError + 3, "", nil, "log", "error", `}}`},
		{"critical", slog.LevelError + 4, "", nil, "log", "critical", `}}`},
		{"an error", slog.LevelError, "", []any{"err", errors.New("lost")}, "log", "error", `"err": "lost"}}`},
		{"a type", slog.LevelInfo, "", []any{"event_type", "tool_call_complete", "tool_name", "grep", "duration_ms", 1500 * time.Microsecond, "host", "a"},
			"tool_call_complete", "info", `"host": "a"}, "tool_name": "grep", "status": "success", "duration_ms": 1.5, "result_preview": ""}`},
		{"a custom type", slog.LevelInfo, "", []any{"event_type", "deploy", "tool_name", "make"}, "deploy", "info", `"tool_name": "make"}}`},
		{"a wrong kind", slog.LevelInfo, "", []any{"event_type", "turn_end", "function_calls_count", "two"},
			"log", "info", `"event_type": "turn_end", "function_calls_count": "two"}}`},
		{"an invalid event type", slog.LevelInfo, "", []any{"event_type", 3}, "log", "info", `"event_type": 3}}`},
		{"groups", slog.LevelInfo, "", []any{slog.Group("http", "code", 200, slog.Group("none")), slog.Group("", "inline", true), slog.Group("metadata", "b", 1)},
			"log", "info", `"http": {"code": 200}, "inline": true, "b": 1}}`},
		{"a key in a group", slog.LevelInfo, "", []any{slog.Group("http", "session_id", "s")}, "log", "info", `"http": {"session_id": "s"}}}`},
		{"the last counts", slog.LevelInfo, "", []any{"a", 1, "a", 2}, "log", "info", `"a": 2}}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			var kept collector.Memory
			h := collector.NewSlogHandler(&kept, nil)
			r := slog.NewRecord(at, test.level, test.message, 0)
			r.Add(test.attrs...)
			if err := h.Handle(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			sameLines(t, linesOf(kept.Events()), []string{fmt.Sprintf(envelope, test.eventType, test.severity) + test.rest})
		})
	}
}

// Attributes of With are added to every record; outside groups they may be keys of the
// envelope.
func TestSlogHandlerWith(t *testing.T) {
	var kept collector.Memory
	base := slog.New(collector.NewSlogHandler(&kept, nil)).With("session_id", "s", "agent_id", "coder")
	base.WithGroup("a").With("x", 1).WithGroup("b").Info("", "turn_id", "t")
	base.Info("", "turn_id", "t", "session_id", "other")
	for i, want := range []struct{ session, turn, metadata string }{
		{"s", "", `{"a": {"x": 1, "b": {"turn_id": "t"}}}`},
		{"other", "t", `{}`},
	} {
		e := kept.Events()[i]
		envelope, err := e.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		if envelope.AgentID != "coder" || envelope.SessionID != want.session || envelope.TurnID != want.turn {
			t.Errorf("event %d: %s", i, e)
		}
		if got := string(e.Lookup("metadata")); got != want.metadata {
			t.Errorf("event %d: metadata %s, want %s", i, got, want.metadata)
		}
	}
}

func TestSlogHandlerOptions(t *testing.T) {
	var out bytes.Buffer
	sink := collector.NewJSONL(&out)
	slog.New(collector.NewSlogHandler(sink, nil)).Debug("too low")
	slog.New(collector.NewSlogHandler(sink, &collector.SlogOptions{Buffered: true})).Info("buffered")
	if out.Len() > 0 {
		t.Errorf("written: %s", &out)
	}
	slog.New(collector.NewSlogHandler(sink, &collector.SlogOptions{Level: slog.LevelDebug, AddSource: true})).Debug("flushed")
	lines := splitLines(t, out.String())
	if len(lines) != 2 || !strings.Contains(lines[1], `"source": {"function": "auditctl/pkg/collector_test.TestSlogHandlerOptions"`) {
		t.Errorf("written: %q", lines)
	}
}

// Handle returns the error of the collector.
func TestSlogHandlerError(t *testing.T) {
	var closed collector.Memory
	closed.Close()
	h := collector.NewSlogHandler(&closed, nil)
	if err := h.Handle(context.Background(), slog.NewRecord(at, slog.LevelInfo, "x", 0)); err != collector.ErrClosed {
		t.Errorf("%v, want %v", err, collector.ErrClosed)
	}
}

// The handler behaves as log/slog demands. Its test expects the built-in keys and those in
// metadata at the top level.
func TestSlogHandlerConforms(t *testing.T) {
	var kept *collector.Memory
	slogtest.Run(t, func(*testing.T) slog.Handler {
		kept = new(collector.Memory)
		return collector.NewSlogHandler(kept, nil)
	}, func(t *testing.T) map[string]any {
		var e struct {
			Time     any            `json:"timestamp"`
			Level    any            `json:"severity"`
			Message  any            `json:"message"`
			Metadata map[string]any `json:"metadata"`
		}
		if err := json.Unmarshal(kept.Events()[0].Line(), &e); err != nil {
			t.Fatal(err)
		}
		got := e.Metadata
		got[slog.LevelKey], got[slog.MessageKey] = e.Level, e.Message
		if !strings.HasSuffix(t.Name(), "/zero-time") { // an event always has a time
			got[slog.TimeKey] = e.Time
		}
		return got
	})
}

// A program can log events like everything else.
func ExampleNewSlogHandler() {
	log := slog.New(collector.NewSlogHandler(collector.NewJSONL(os.Stdout), nil)).With("session_id", "sess-7f3a")
	log.Warn("slow", "event_type", events.TypeToolCallComplete, "timestamp", at, "tool_name", "build", "duration_ms", 3*time.Second, "cache", "cold")
	// Output:
	// {"event_type": "tool_call_complete", "timestamp": "2026-01-02T03:04:05+00:00", "agent_id": null, "turn_id": null, "session_id": "sess-7f3a", "severity": "warning", "metadata": {"cache": "cold"}, "tool_name": "build", "status": "success", "duration_ms": 3000.0, "result_preview": "", "message": "slow"}
}
