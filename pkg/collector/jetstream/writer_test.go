package jetstream_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
)

func open(t testing.TB, a jetstream.Address, opts *jetstream.Options) *jetstream.Writer {
	t.Helper()
	w, err := jetstream.Open(t.Context(), a, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func emit(t testing.TB, c collector.Collector, lines ...string) {
	t.Helper()
	for _, line := range lines {
		e, err := events.Parse([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := c.Emit(e); err != nil {
			t.Fatal(err)
		}
	}
}

func emitLines(t testing.TB, c collector.LinesCollector, lines string) {
	t.Helper()
	if err := c.EmitLines([]byte(lines)); err != nil {
		t.Fatal(err)
	}
}

func flush(t testing.TB, c collector.Collector) {
	t.Helper()
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
}

func sameLines(t testing.TB, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("line %d of %d: %.120q, want %.120q", i, len(got), got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
}

// numbered returns the n-th event of a log of several sessions.
func numbered(n int) string {
	return fmt.Sprintf(`{"event_type": "tool_call_complete", "session_id": "s%d", "n": %d}`, n%7, n)
}

func numberedTo(n int) (lines []string) {
	for i := range n {
		lines = append(lines, numbered(i))
	}
	return lines
}

func joined(lines []string) string {
	return strings.Join(lines, "\n") + "\n"
}

func TestWriterBytesAndSubjects(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	w := open(t, a, nil)
	lines := []stored{
		{subject: "audit.s1.turn_start", line: `{"event_type": "turn_start", "session_id": "s1"}`},
		{subject: "audit.-.x", line: "  {\"session_id\":null,\"event\\u005ftype\" :\"x\" }\t\r"},
		{subject: "audit.-.x", line: `{"event_type":"x"}`},
		{subject: "audit.a%2Eb%20c.%3E", line: `{"session_id":"a.b c","event_type":">"}`},
		{subject: "audit.%2D.%2D", line: `{"session_id":"-","event_type":"-"}`},
		{subject: "audit.%.%", line: `{"session_id":"","event_type":""}`},
		{subject: "audit.42.x", line: `{"session_id":42,"event_type":"x"}`},
		{subject: "audit.-.-", line: `no event`},
		{subject: "audit.-.-", line: ``},
		{subject: "audit.-.-", line: `{"event_type":1}`},
	}
	for _, l := range lines {
		emitLines(t, w, l.line+"\n")
	}
	flush(t, w)
	all := readBack(t, a)
	for i := range all {
		all[i].id = ""
	}
	if !slices.Equal(all, lines) {
		t.Errorf("got  %q\nwant %q", all, lines)
	}
}

func TestWriterOrder(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	w := open(t, a, nil)
	want := numberedTo(5000)
	emit(t, w, want[:300]...)
	emitLines(t, w, joined(want[300:]))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sameLines(t, linesOf(readBack(t, a)), want)
}

// The longest possible line is sent among others, whatever its headers.
func TestLongestLine(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address(strings.Repeat("S", 200))
	w := open(t, a, nil)
	lines := []string{numbered(0), strings.Repeat("x", 1<<20-512), numbered(1)}
	emitLines(t, w, joined(lines))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sameLines(t, linesOf(readBack(t, a)), lines)
	w = open(t, a, nil)
	err := w.EmitLines([]byte(lines[1] + "x\n"))
	if want := "a line of 1048065 bytes, the stream takes 1048064: raise max_payload of the server"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}
