package jetstream_test

import (
	"slices"
	"testing"

	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
)

// run writes logs, one origin after the other, as a separate process would.
func run(t testing.TB, a jetstream.Address, logs ...namedLog) {
	t.Helper()
	w := open(t, a, nil)
	for _, log := range logs {
		w.From(log.origin)
		emitLines(t, w, joined(log.lines))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

type namedLog struct {
	origin string
	lines  []string
}

// Lines of an earlier run are recognized by their origin and their content.
func TestOrigin(t *testing.T) {
	t.Parallel()
	lines := numberedTo(3000)
	other := make([]string, 2000)
	for i := range other {
		other[i] = `{"event_type": "other", "session_id": "o"}`
	}
	for _, test := range []struct {
		name string
		runs [][]namedLog
		want []string
	}{
		{"again", [][]namedLog{{{"a", lines}}, {{"a", lines}}}, lines},
		{"cut off", [][]namedLog{{{"a", lines[:1234]}}, {{"a", lines}}}, lines},
		{"shorter", [][]namedLog{{{"a", lines}}, {{"a", lines[:10]}}}, lines},
		{"another log of that name", [][]namedLog{{{"a", lines[:10]}}, {{"a", lines[1:10]}}}, slices.Concat(lines[:10], lines[1:10])},
		{"another name", [][]namedLog{{{"a", lines[:10]}}, {{"b", lines[:10]}}}, slices.Concat(lines[:10], lines[:10])},
		{"no name", [][]namedLog{{{"", lines[:10]}}, {{"", lines[:10]}}}, slices.Concat(lines[:10], lines[:10])},
		{"two, the second cut off", [][]namedLog{{{"a", lines}, {"b", other[:700]}}, {{"a", lines}, {"b", other}}}, slices.Concat(lines, other)},
		{"two, the first grown", [][]namedLog{{{"a", lines[:500]}, {"b", other}}, {{"a", lines[:600]}, {"b", other}}}, slices.Concat(lines[:500], other, lines[500:600])},
		{"the same line often", [][]namedLog{{{"b", other[:700]}}, {{"b", other}}}, other},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			// The server forgets ids at once, so that only the stream can prevent
			// duplicates.
			makeStream(t, n, api.StreamConfig{Duplicates: shortWindow})
			for _, logs := range test.runs {
				run(t, n.address("AUDIT"), logs...)
				awaitForgottenIDs(t, n)
			}
			sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), test.want)
		})
	}
}

// When a file is sent again to a stream that has lost its beginning, no consumers are left
// at the server, and no lines are duplicated.
func TestOriginPurged(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	a := n.address("S")
	lines := numberedTo(600)
	for range 2 {
		w := open(t, a, &jetstream.Options{Origin: "file"})
		emitLines(t, w, joined(lines))
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		stream, err := client(t, n.host()).Stream(t.Context(), "S")
		if err != nil {
			t.Fatal(err)
		}
		info, err := stream.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.State.Consumers > 2 {
			t.Errorf("%d consumers are left", info.State.Consumers)
		}
		if err := stream.Purge(t.Context(), api.WithPurgeKeep(100)); err != nil {
			t.Fatal(err)
		}
	}
	if got := linesOf(readBack(t, a)); len(got) != 100 || got[99] != lines[599] {
		t.Errorf("%d lines, the last is %s", len(got), got[len(got)-1])
	}
}
