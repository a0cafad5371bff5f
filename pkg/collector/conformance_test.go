package collector_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// A subject is a collector under test, and a function that reads back the lines
// that can be seen of what it recorded.
type subject struct {
	collector closer
	lines     func() []string
}

type closer interface {
	collector.Collector
	io.Closer
}

// constructors make the collectors that must all behave the same. To test one
// more, add it here.
var constructors = []struct {
	name string
	open func(t *testing.T) subject
}{
	{"Memory", openMemory},
	{"JSONL of a path", openPath},
	{"JSONL of a stream", openStream},
	{"Composite", openComposite},
	{"Composite of a Composite", openNested},
}

func openMemory(*testing.T) subject {
	m := new(collector.Memory)
	return subject{m, func() []string { return linesOf(m.Events()) }}
}

func openPath(t *testing.T) subject {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	return subject{open(t, path, nil), func() []string { return splitLines(t, readFile(t, path)) }}
}

func openStream(t *testing.T) subject {
	var out bytes.Buffer
	return subject{collector.NewJSONL(&out), func() []string { return splitLines(t, out.String()) }}
}

func openComposite(t *testing.T) subject {
	memory, file := openMemory(t), openPath(t)
	return subject{collector.NewComposite(memory.collector, file.collector), func() []string {
		got := memory.lines()
		if others := file.lines(); !slices.Equal(got, others) {
			t.Errorf("the first child has %d lines, the second %d, and they differ", len(got), len(others))
		}
		return got
	}}
}

func openNested(t *testing.T) subject {
	inner := openComposite(t)
	return subject{collector.NewComposite(inner.collector), inner.lines}
}

// TestConformance holds every collector to what [collector.Collector] and
// [collector.EmitLines] promise.
func TestConformance(t *testing.T) {
	for _, c := range constructors {
		for _, check := range []struct {
			name string
			run  func(*testing.T, subject)
		}{
			{"order", testOrder},
			{"bytes", testBytes},
			{"concurrent", testConcurrent},
			{"nothing retained", testNothingRetained},
			{"blocks", testBlocks},
			{"flush", testFlush},
			{"close flushes", testCloseFlushes},
			{"closed", testClosed},
		} {
			t.Run(c.name+"/"+check.name, func(t *testing.T) {
				s := c.open(t)
				check.run(t, s)
				if err := s.collector.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		}
	}
}

func testOrder(t *testing.T, s subject) {
	var want []string
	for i := range 2000 {
		want = append(want, numbered("order", i))
	}
	emit(t, s.collector, want...)
	flush(t, s.collector)
	sameLines(t, s.lines(), want)
}

// A line is recorded as it stands, whatever its length.
func testBytes(t *testing.T, s subject) {
	want := []string{
		`{"event_type":"x"}`,
		`  {"event_type" :"x" }` + "\t\r",
		`{"event\u005ftype": "\ud83d\ude00", "event_type": "x\/y", "n": 1.50E+03, "n": -0}`,
		`{"event_type": "é\u0000\u007f"}`,
		sized(64<<10 - 1),
		sized(64 << 10),
		sized(300 << 10),
		`{"event_type": "last"}`,
	}
	emit(t, s.collector, want...)
	flush(t, s.collector)
	sameLines(t, s.lines(), want)
}

// Events of many goroutines are all recorded, once and whole, and those of one
// goroutine in its order.
func testConcurrent(t *testing.T, s subject) {
	const writers, each = 8, 300
	var wg sync.WaitGroup
	for w := range writers {
		name := fmt.Sprint("writer ", w)
		wg.Go(func() {
			for i := range each {
				emit(t, s.collector, numbered(name, i))
			}
		})
		wg.Go(func() {
			for i := range each {
				emitLines(t, s.collector, numbered("block "+name, 2*i)+"\n"+numbered("block "+name, 2*i+1)+"\n")
			}
		})
		wg.Go(func() {
			for range each / 10 {
				flush(t, s.collector)
			}
		})
	}
	wg.Wait()
	flush(t, s.collector)

	byType := map[string][]string{}
	for _, line := range s.lines() {
		typ := parse(t, line).Type()
		byType[typ] = append(byType[typ], line)
	}
	if len(byType) != 2*writers {
		t.Errorf("lines of %d goroutines, want %d", len(byType), 2*writers)
	}
	for typ, got := range byType {
		var want []string
		for i := range len(got) {
			want = append(want, numbered(typ, i))
		}
		sameLines(t, got, want)
	}
	if got := len(s.lines()); got != writers*each*3 {
		t.Errorf("%d lines, want %d", got, writers*each*3)
	}
}

// The bytes of an event are the caller's again as soon as Emit returned.
func testNothingRetained(t *testing.T, s subject) {
	want := []string{numbered("kept", 1), sized(100 << 10), numbered("kept", 2), numbered("kept", 3)}
	for _, line := range want[:2] {
		buf := []byte(line)
		e, err := events.Parse(buf)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.collector.Emit(e); err != nil {
			t.Fatal(err)
		}
		overwrite(buf)
	}
	buf := []byte(want[2] + "\n" + want[3] + "\n")
	if err := collector.EmitLines(s.collector, buf); err != nil {
		t.Fatal(err)
	}
	overwrite(buf)
	flush(t, s.collector)
	sameLines(t, s.lines(), want)
}

// However events are parted into blocks, single events and flushes, the result
// is the same.
func testBlocks(t *testing.T, s subject) {
	rng := rand.New(rand.NewPCG(1, 2))
	var want []string
	for i := range 300 {
		want = append(want, numbered("small", i), sized(50+rng.IntN(4000)))
	}
	want = append(want, sized(64<<10-1), sized(64<<10), sized(200<<10), numbered("small", 300))

	for rest := want; len(rest) > 0; {
		n := min(rng.IntN(40), len(rest))
		emitLines(t, s.collector, joinLines(rest[:n]))
		rest = rest[n:]
		n = min(rng.IntN(3), len(rest))
		emit(t, s.collector, rest[:n]...)
		rest = rest[n:]
	}
	flush(t, s.collector)
	sameLines(t, s.lines(), want)
}

// What was emitted can be seen once Flush returned, and more can follow.
func testFlush(t *testing.T, s subject) {
	flush(t, s.collector)
	sameLines(t, s.lines(), nil)
	var want []string
	for i := range 3 {
		want = append(want, numbered("flush", i))
		emit(t, s.collector, want[i])
		flush(t, s.collector)
		flush(t, s.collector)
		sameLines(t, s.lines(), want)
	}
}

func testCloseFlushes(t *testing.T, s subject) {
	want := []string{numbered("close", 0), numbered("close", 1)}
	emit(t, s.collector, want...)
	if err := s.collector.Close(); err != nil {
		t.Fatal(err)
	}
	sameLines(t, s.lines(), want)
}

func testClosed(t *testing.T, s subject) {
	want := []string{numbered("closed", 0)}
	emit(t, s.collector, want...)
	for range 2 {
		if err := s.collector.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	line := numbered("late", 0)
	for _, call := range []struct {
		name string
		err  error
	}{
		{"Emit", s.collector.Emit(parse(t, line))},
		{"EmitLines", collector.EmitLines(s.collector, []byte(line+"\n"))},
		{"Flush", s.collector.Flush()},
	} {
		if !errors.Is(call.err, collector.ErrClosed) {
			t.Errorf("%s after Close: %v, want %v", call.name, call.err, collector.ErrClosed)
		}
	}
	sameLines(t, s.lines(), want)
}

// A line that is not an event ends EmitLines where events are parsed, and those
// before it are recorded. Blank lines are passed over.
func TestEmitLinesEventByEvent(t *testing.T) {
	for _, test := range []struct {
		name, lines string
		want        []string
		wantErr     string
	}{
		{"nothing", "", nil, ""},
		{"blank lines", "\n \t\r\n" + numbered("x", 0) + "\n\n", []string{numbered("x", 0)}, ""},
		{"invalid", numbered("x", 0) + "\n{}\n" + numbered("x", 1) + "\n", []string{numbered("x", 0)}, "column 1: no event_type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var m collector.Memory
			err := collector.EmitLines(&m, []byte(test.lines))
			if got := errorText(err); got != test.wantErr {
				t.Errorf("error %q, want %q", got, test.wantErr)
			}
			sameLines(t, linesOf(m.Events()), test.want)
		})
	}
}

// Helpers of all tests in this package.

func parse(t testing.TB, line string) events.Event {
	t.Helper()
	e, err := events.Parse([]byte(line))
	if err != nil {
		t.Errorf("parse %.80q: %v", line, err)
	}
	return e
}

// emit may be called in other goroutines than the test's.
func emit(t testing.TB, c collector.Collector, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if err := c.Emit(parse(t, line)); err != nil {
			t.Errorf("Emit: %v", err)
		}
	}
}

func emitLines(t testing.TB, c collector.Collector, lines string) {
	t.Helper()
	if err := collector.EmitLines(c, []byte(lines)); err != nil {
		t.Errorf("EmitLines: %v", err)
	}
}

func flush(t testing.TB, c collector.Collector) {
	t.Helper()
	if err := c.Flush(); err != nil {
		t.Errorf("Flush: %v", err)
	}
}

func open(t testing.TB, path string, opts *collector.JSONLOptions) *collector.JSONL {
	t.Helper()
	j, err := collector.OpenJSONL(path, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// numbered is the n-th line of some type.
func numbered(eventType string, n int) string {
	return fmt.Sprintf(`{"event_type": %q, "n": %d}`, eventType, n)
}

// sized is a line of so many bytes, its line feed not counted.
func sized(bytes int) string {
	const start, end = `{"event_type": "sized", "text": "`, `"}`
	return start + strings.Repeat("x", bytes-len(start)-len(end)) + end
}

func linesOf(all []events.Event) []string {
	var lines []string
	for _, e := range all {
		lines = append(lines, string(e.Line()))
	}
	return lines
}

func joinLines(lines []string) string {
	var all strings.Builder
	for _, line := range lines {
		all.WriteString(line + "\n")
	}
	return all.String()
}

// splitLines is what joinLines joined.
func splitLines(t testing.TB, text string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		whole, ok := strings.CutSuffix(line, "\n")
		if !ok {
			t.Errorf("ends within the line %.80q", line)
		}
		lines = append(lines, whole)
	}
	return lines
}

func sameLines(t testing.TB, got, want []string) {
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

func overwrite(b []byte) {
	for i := range b {
		b[i] = '#'
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
