package jetstream_test

import (
	"context"
	"strings"
	"testing"
	"time"

	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/internal/logtest"
)

// What a stream does not keep is logged once, in one line, when it is opened.
func TestShortcomings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		cfg     api.StreamConfig
		options string // of the address
		want    string
	}{
		{"interest", api.StreamConfig{Retention: api.InterestPolicy}, "", "keeps no line, since it has no consumers (retention interest)"},
		{"work queue", api.StreamConfig{Retention: api.WorkQueuePolicy}, "", "deletes a line when a consumer has acknowledged it (retention workqueue)"},
		{"memory", api.StreamConfig{Storage: api.MemoryStorage}, "", "loses all lines at a restart (storage memory)"},
		{"age", api.StreamConfig{MaxAge: 36 * time.Hour}, "", "deletes lines after 36h0m0s (max_age)"},
		{"messages", api.StreamConfig{MaxMsgs: 5}, "", "deletes the oldest beyond 5 lines (max_msgs)"},
		{"bytes", api.StreamConfig{MaxBytes: 5000}, "", "deletes the oldest beyond 5000 bytes (max_bytes)"},
		{"messages of a subject", api.StreamConfig{MaxMsgsPerSubject: 5}, "", "keeps the last 5 of each session and type (max_msgs_per_subject)"},
		{"no acknowledgements", api.StreamConfig{NoAck: true}, "", "does not acknowledge lines, so that they are looked for in it (no_ack)"},
		{"other subjects", api.StreamConfig{SubjectTransform: &api.SubjectTransformConfig{Source: "audit.>", Destination: "audit.x.>"}}, "",
			"changes subjects, so that lines sent before are not found (subject_transform)"},
		{"replicas", api.StreamConfig{}, "?replicas=3", "already existed with 1 replicas, not 3"},
		{"two things", api.StreamConfig{MaxAge: time.Hour, Storage: api.MemoryStorage}, "", "loses all lines at a restart (storage memory) and deletes lines after 1h0m0s (max_age)"},
		{"limits that refuse lines", api.StreamConfig{MaxMsgs: 5, MaxBytes: 5000, MaxMsgsPerSubject: 5, Discard: api.DiscardNew, DiscardNewPerSubject: true}, "", ""},
		{"nothing", api.StreamConfig{}, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			makeStream(t, n, test.cfg)
			logged := new(warnings)
			w := open(t, parseAddress(t, "nats://"+n.host()+"/AUDIT"+test.options), &jetstream.Options{Logger: logtest.New(logged.add)})
			emit(t, w, numbered(0))
			flush(t, w)
			n.cut() // when it is opened again, it is not logged again
			emit(t, w, numbered(1))
			flush(t, w)
			want := ""
			if test.want != "" {
				want = "stream AUDIT " + test.want + "\n"
			}
			if logged.String() != want {
				t.Errorf("logged %q, want %q", logged, want)
			}
		})
	}
}

// A stream that acknowledges nothing gets every line once and in order.
func TestStreamWithoutAcknowledgements(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	makeStream(t, n, api.StreamConfig{NoAck: true})
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(3000)
	emitLines(t, w, joined(lines))
	flush(t, w)
	n.cut()
	emit(t, w, numbered(3000))
	closeAll(t, w)
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), append(lines, numbered(3000)))
}

// A stream that silently accepts nothing is given up.
func TestStallWithoutAcknowledgements(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	makeStream(t, n, api.StreamConfig{NoAck: true, MaxMsgs: 1, Discard: api.DiscardNew})
	w := openWithStall(t.Context(), t, n.address("AUDIT"), 300*time.Millisecond)
	emitLines(t, w, joined(numberedTo(2)))
	err := w.Flush()
	if want := "nothing taken for 300ms: the stream accepts nothing, and does not say why (no_ack)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// openWithStall opens a Writer with a short Stall, trying until that succeeds.
func openWithStall(ctx context.Context, t testing.TB, a jetstream.Address, stall time.Duration) (w *jetstream.Writer) {
	t.Helper()
	eventually(t, "the stream is opened", func() bool {
		var err error
		w, err = jetstream.Open(ctx, a, &jetstream.Options{Stall: stall})
		return err == nil
	})
	t.Cleanup(func() { w.Close() })
	return w
}
