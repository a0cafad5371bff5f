package jetstream_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/internal/logtest"
)

// When a file is sent again to a stream that has lost lines, it continues where it ended:
// lines in the stream are not sent again, nor are deleted ones before them.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	lines := numberedTo(500)
	edited := slices.Concat(lines[:7], []string{`{"event_type": "edited"}`}, lines[7:])
	const notAgain = "lines sent before are no longer in the stream, which has later ones: they are not sent again ("
	const unknown = "has none of the lines being sent: any that it had before are sent again"
	for _, test := range []struct {
		name  string
		cfg   api.StreamConfig
		lose  func(*testing.T, api.Stream) // deletes lines
		first []string
		again []string
		want  []string // in the stream
		warn  string
		err   string
	}{
		{"the oldest are gone", api.StreamConfig{}, keep(10), lines[:39], lines[:49], lines[29:49], notAgain + "29 so far)", ""},
		{"max-msgs", api.StreamConfig{MaxMsgs: 10}, nil, lines[:39], lines[:44], lines[36:44], notAgain + "31 so far)", ""}, // two messages are probes
		{"the last of each session", api.StreamConfig{MaxMsgsPerSubject: 1}, nil, lines[:39], lines[:39], lines[32:39], notAgain, ""},
		{"some within", api.StreamConfig{}, del(1, 3, 4, 39), lines[:39], lines[:49], slices.Concat(lines[1:2], lines[4:49]), notAgain + "1 so far)", ""},
		{"all", api.StreamConfig{}, keep(0), lines[:39], lines[:49], lines[:49], unknown, ""},
		{"none", api.StreamConfig{}, nil, lines[:39], lines[:49], lines[:49], "", ""},
		{"shorter than what is lost", api.StreamConfig{}, keep(10), lines[:39], lines[:20], lines[29:39], "", ""},
		{"edited since", api.StreamConfig{}, nil, lines[:39], edited[:49], slices.Concat(lines[:39], edited[7:49]), "", ""},
		{"edited before what is lost", api.StreamConfig{}, keep(10), lines[:39], edited[:49], lines[29:39], "", "lines were changed since they were sent, and the stream has lost some"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			test.cfg.Duplicates = shortWindow
			makeStream(t, n, test.cfg)
			a := n.address("AUDIT")
			run(t, a, namedLog{"file", test.first})
			awaitForgottenIDs(t, n)
			if test.lose != nil {
				stream, err := client(t, n.host()).Stream(t.Context(), "AUDIT")
				if err != nil {
					t.Fatal(err)
				}
				test.lose(t, stream)
			}
			logged := new(warnings)
			w := open(t, a, &jetstream.Options{Origin: "file", Logger: logtest.New(logged.add)})
			emitLines(t, w, joined(test.again))
			err := w.Close()
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("%v, want %q", err, test.err)
			}
			warned := strings.ReplaceAll(logged.String(), "stream AUDIT", "") // of what it does not keep
			if !strings.Contains(warned, test.warn) || test.warn == "" && warned != "" {
				t.Errorf("logged %q, want %q", logged, test.warn)
			}
			sameLines(t, linesOf(readBack(t, a)), test.want)
		})
	}
}

// keep deletes all but the last n lines, and del those with the given sequences.
func keep(n uint64) func(*testing.T, api.Stream) {
	return func(t *testing.T, stream api.Stream) {
		opts := []api.StreamPurgeOpt{api.WithPurgeSubject("audit.>")}
		if n > 0 {
			opts = append(opts, api.WithPurgeKeep(n))
		}
		if err := stream.Purge(t.Context(), opts...); err != nil {
			t.Fatal(err)
		}
	}
}

func del(sequences ...uint64) func(*testing.T, api.Stream) {
	return func(t *testing.T, stream api.Stream) {
		for _, sequence := range sequences {
			if err := stream.DeleteMsg(t.Context(), sequence); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Lines that the server still remembers by their ids, but that were purged, are not looked
// for one by one.
func TestSentAgainAfterPurge(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	makeStream(t, n, api.StreamConfig{Duplicates: time.Hour})
	a := n.address("AUDIT")
	lines := numberedTo(300)
	run(t, a, namedLog{"file", lines}, namedLog{"other", lines})
	stream, err := client(t, n.host()).Stream(t.Context(), "AUDIT")
	if err != nil {
		t.Fatal(err)
	}
	keep(200)(t, stream) // of the other
	before := requests(t, n.server)
	run(t, a, namedLog{"file", lines})
	if asked := requests(t, n.server) - before; asked > 50 {
		t.Errorf("the server was asked %d times for %d lines", asked, len(lines))
	}
	sameLines(t, linesOf(readBack(t, a)), lines[100:])
}

// requests returns how many requests about streams and consumers the server got.
func requests(t *testing.T, s *server.Server) uint64 {
	info, err := s.Jsz(nil)
	if err != nil {
		t.Fatal(err)
	}
	return info.API.Total
}

// A batch that arrives after it was sent again and the server has forgotten its ids is
// refused.
func TestLateBatch(t *testing.T) {
	t.Parallel()
	for name, count := range map[string]int{"batch": 5, "single line": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			makeStream(t, n, api.StreamConfig{Duplicates: shortWindow})
			a := n.address("AUDIT")
			w := open(t, a, nil)
			emit(t, w, numbered(0))
			flush(t, w)
			lines := numberedTo(1 + count)
			release := n.hold(lines[count] + "\r\n")
			emitLines(t, w, joined(lines[1:]))
			flush(t, w) // over another connection
			awaitForgottenIDs(t, n)
			release()
			sameLines(t, linesOf(readBack(t, a)), lines)
		})
	}
}
