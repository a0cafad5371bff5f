package collectortest

import (
	"fmt"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// Numbered returns the n-th event of a type, as a line without line feed.
func Numbered(eventType string, n int) string {
	return fmt.Sprintf(`{"event_type": %q, "n": %d}`, eventType, n)
}

// Sized returns an event of the given size in bytes, at least 34, as a line without line
// feed.
func Sized(bytes int) string {
	const start, end = `{"event_type": "sized", "text": "`, `"}`
	return start + strings.Repeat("x", bytes-len(start)-len(end)) + end
}

// Parse parses an event. Like the other helpers it may be called from any goroutine: it
// reports failures with [testing.T.Error].
func Parse(t testing.TB, line string) events.Event {
	t.Helper()
	e, err := events.Parse([]byte(line))
	if err != nil {
		t.Errorf("parse %.80q: %v", line, err)
	}
	return e
}

// Emit emits events one by one.
func Emit(t testing.TB, c collector.Collector, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := c.Emit(Parse(t, line)); err != nil {
			t.Errorf("Emit: %v", err)
		}
	}
}

// EmitLines emits lines, each ended by a line feed, as one block.
func EmitLines(t testing.TB, c collector.Collector, lines string) {
	t.Helper()
	if err := collector.EmitLines(c, []byte(lines)); err != nil {
		t.Errorf("EmitLines: %v", err)
	}
}

// Flush flushes c.
func Flush(t testing.TB, c collector.Collector) {
	t.Helper()
	if err := c.Flush(); err != nil {
		t.Errorf("Flush: %v", err)
	}
}

// SameLines checks that two lists of lines are equal, and reports the first difference.
func SameLines(t testing.TB, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("line %d of %d: %.80q, want %.80q", i+1, len(got), got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
}
