package collector_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/collector/collectortest"
	"auditctl/pkg/events"
)

type subject = collectortest.Subject

func TestConformance(t *testing.T) {
	for _, c := range []struct {
		name string
		open func(t *testing.T) subject
	}{
		{"Memory", openMemory},
		{"JSONL of a path", openPath},
		{"JSONL of a stream", openStream},
		{"Composite", openComposite},
		{"Composite of a Composite", openNested},
		{"Filter", openFilter},
		{"Map", openMap},
		{"Func in a Composite", openFunc},
	} {
		t.Run(c.name, func(t *testing.T) { collectortest.Run(t, c.open) })
	}
}

func openMemory(*testing.T) subject {
	m := new(collector.Memory)
	return subject{Collector: m, Lines: func() []string { return linesOf(m.Events()) }}
}

func openPath(t *testing.T) subject {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	return subject{Collector: open(t, path, nil), Lines: func() []string { return splitLines(t, readFile(t, path)) }}
}

func openStream(t *testing.T) subject {
	var out bytes.Buffer
	return subject{Collector: collector.NewJSONL(&out), Lines: func() []string { return splitLines(t, out.String()) }}
}

func openComposite(t *testing.T) subject {
	memory, file := openMemory(t), openPath(t)
	return subject{Collector: collector.NewComposite(memory.Collector, file.Collector), Lines: func() []string {
		got := memory.Lines()
		if others := file.Lines(); !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(others))) {
			t.Errorf("the first child has %d lines, the second %d, and they are not the same", len(got), len(others))
		}
		return got
	}}
}

func openNested(t *testing.T) subject {
	inner := openComposite(t)
	return subject{Collector: collector.NewComposite(inner.Collector), Lines: inner.Lines}
}

func openFilter(t *testing.T) subject {
	inner := openComposite(t)
	return subject{Collector: collector.Filter(func(events.Event) bool { return true }, inner.Collector), Lines: inner.Lines}
}

func openMap(t *testing.T) subject {
	inner := openPath(t)
	same := func(e events.Event) (events.Event, error) { return e, nil }
	return subject{Collector: collector.Map(same, inner.Collector), Lines: inner.Lines}
}

func openFunc(t *testing.T) subject {
	inner := openMemory(t)
	return subject{Collector: collector.NewComposite(collector.Func(inner.Collector.Emit)), Lines: inner.Lines}
}

// EmitLines to a collector of events stops at a line that is not one, after recording
// those before it, and skips blank lines.
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

var (
	parse     = collectortest.Parse
	emit      = collectortest.Emit
	emitLines = collectortest.EmitLines
	flush     = collectortest.Flush
	numbered  = collectortest.Numbered
	sized     = collectortest.Sized
	sameLines = collectortest.SameLines
)

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

// splitLines is the reverse of joinLines.
func splitLines(t testing.TB, text string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		line, ok := strings.CutSuffix(line, "\n")
		if !ok {
			t.Errorf("ends within the line %.80q", line)
		}
		lines = append(lines, line)
	}
	return lines
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
