package events_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// fixedTime is the timestamp of events made in tests; fixedText is how it is
// written.
var fixedTime = time.Date(2025, 6, 15, 14, 30, 0, 123456000, time.UTC)

const fixedText = "2025-06-15T14:30:00.123456+00:00"

// testLines returns the lines of a file below testdata without their line feeds.
func testLines(tb testing.TB, name string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile("../../testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
}

// referenceEvent is an event and the line that the reference writer wrote for
// it.
type referenceEvent struct {
	EventType string          `json:"event_type"`
	Fields    json.RawMessage `json:"fields"`
	Line      string          `json:"line"`
}

func referenceEvents(tb testing.TB) []referenceEvent {
	tb.Helper()
	var all []referenceEvent
	for _, line := range testLines(tb, "events.jsonl") {
		var c referenceEvent
		if err := json.Unmarshal(line, &c); err != nil {
			tb.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// object returns the event as one JSON object, with the keys that were given
// and no others.
func (c referenceEvent) object() []byte {
	return append([]byte(`{"event_type": "`+c.EventType+`", `), c.Fields[1:]...)
}

// checkMade checks what holds for every event that the package makes: its line
// is ASCII, and whoever parses it finds the same event.
func checkMade(tb testing.TB, e events.Event) {
	tb.Helper()
	for i, c := range e.Line() {
		if c < ' ' || c >= 0x7f {
			tb.Errorf("byte %#x at %d of %.200q", c, i, e.Line())
			break
		}
	}
	again, err := events.Parse(e.Line())
	if err != nil {
		tb.Fatalf("made a line that is no event: %v: %.200q", err, e.Line())
	}
	if again.Type() != e.Type() {
		tb.Errorf("type is %q when made and %q when read", e.Type(), again.Type())
	}
}

// valid reports whether encoding/json accepts text and it is UTF-8.
func valid(text []byte) bool { return json.Valid(text) && utf8.Valid(text) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
