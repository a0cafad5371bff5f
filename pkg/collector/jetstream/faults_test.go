package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	api "github.com/nats-io/nats.go/jetstream"

	"auditctl/pkg/collector/jetstream"
)

const manyEvents = 6000

// write writes lines in blocks, and before each calls between with the number of lines
// written so far.
func write(t testing.TB, w *jetstream.Writer, lines []string, between func(n int)) {
	t.Helper()
	const block = 250
	for n := 0; n < len(lines); n += block {
		between(n)
		emitLines(t, w, joined(lines[n:min(n+block, len(lines))]))
		if n/block%4 == 0 {
			flush(t, w)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// However often the connection drops, at any byte, every line is there once and in order.
func TestConnectionCut(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(manyEvents)
	rng := rand.New(rand.NewPCG(1, 2))
	write(t, w, lines, func(int) { n.after(rng.IntN(50<<10), n.cut) })
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
}

// When a server is restarted, no line is lost or duplicated.
func TestServerRestart(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(manyEvents)
	var restarting sync.WaitGroup
	write(t, w, lines, func(i int) {
		if i%2500 == 1000 {
			restarting.Go(func() {
				n.stop()
				n.start()
			})
		}
		if i%2500 == 2000 {
			restarting.Wait()
		}
	})
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
}

// In a cluster, the leader of the stream is killed while lines are in flight, and restarted,
// and all connections drop. Neither a Writer nor a Reader that follows loses or duplicates a
// line.
func TestClusterMemberKilled(t *testing.T) {
	t.Parallel()
	members := startCluster(t)
	a := clusterAddress(members, "AUDIT")
	w := openInCluster(t, a)
	lines := numberedTo(manyEvents)
	r := openReader(t, a, &jetstream.ReaderOptions{Cursor: "c", Follow: true})
	var got strings.Builder
	var reading, killing sync.WaitGroup
	reading.Go(func() {
		buf := make([]byte, 8<<10)
		for want := len(joined(lines)); got.Len() < want; {
			n, err := r.Read(buf)
			if got.Write(buf[:n]); err != nil {
				t.Error(err)
				return
			}
			r.Ack(int64(got.Len()))
		}
	})
	write(t, w, lines, func(i int) {
		switch i {
		case 500:
			for _, m := range members {
				m.clients.after(10<<10, m.clients.cut)
			}
		case 4000:
			leader := named(members, awaitReplicas(t, a))
			killing.Go(func() {
				leader.kill()
				leader.start()
			})
		}
	})
	killing.Wait()
	reading.Wait()
	sameLines(t, splitLines(got.String()), lines)
	sameLines(t, linesOf(readBack(t, a)), lines)
}

// Several Writers can write to one stream: the lines of each are there once and in order.
func TestSharedStream(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	const writers, each = 4, 1000
	want := map[string][]string{}
	var writing sync.WaitGroup
	for i := range writers {
		w := open(t, a, nil)
		session := fmt.Sprint("w", i)
		var lines []string
		for n := range each {
			lines = append(lines, fmt.Sprintf(`{"event_type": "x", "session_id": "%s", "n": %d}`, session, n))
		}
		want[session] = lines
		writing.Go(func() {
			for n := 0; n < each; n += 50 {
				if err := w.EmitLines([]byte(joined(lines[n : n+50]))); err != nil {
					t.Error(err)
				}
				if err := w.Flush(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	got := map[string][]string{}
	for _, m := range readBack(t, a) {
		session := strings.Split(m.subject, ".")[1]
		got[session] = append(got[session], m.line)
	}
	for session := range want {
		sameLines(t, got[session], want[session])
	}
}

// A stream that does not accept batches gets lines one by one.
func TestStreamWithoutBatches(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	_, err := client(t, n.host()).CreateStream(t.Context(), api.StreamConfig{Name: "AUDIT", Subjects: []string{"audit.*.*"}})
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(1000)
	rng := rand.New(rand.NewPCG(1, 2))
	write(t, w, lines, func(int) { n.after(rng.IntN(20<<10), n.cut) })
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
}

// A server that accepts only smaller batches gets smaller ones.
func TestSmallBatches(t *testing.T) {
	t.Parallel()
	n := startNode(t, func(o *server.Options) { o.JetStreamLimits.MaxBatchSize = 10 })
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(1000)
	write(t, w, lines, func(int) {})
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
}

// With Stall, a server that stays away is an error; without, a Writer waits until the
// context is done. The error is final.
func TestServerStaysAway(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		stall time.Duration
		end   bool // cancel the context
		want  string
	}{
		{"stall", 300 * time.Millisecond, false, "nothing taken for 300ms"},
		{"context", 0, true, "enough of it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := startNode(t, nil)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			w := openWithStall(ctx, t, n.address("AUDIT"), test.stall)
			emit(t, w, numbered(0))
			n.stop()
			if test.end {
				time.AfterFunc(50*time.Millisecond, func() { cancel(errEnough) }) // whenever that is
			}
			first := w.Flush()
			if first == nil || !strings.Contains(first.Error(), test.want) {
				t.Errorf("Flush: %v, want %q", first, test.want)
			}
			for name, err := range map[string]error{"EmitLines": w.EmitLines([]byte("\n")), "Flush": w.Flush(), "Close": w.Close()} {
				if err != first {
					t.Errorf("%s after an error: %v, want %v", name, err, first)
				}
			}
		})
	}
}

// When a flush is canceled, lines are neither lost nor sent twice.
func TestFlushCanceled(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	w := open(t, n.address("AUDIT"), nil)
	lines := numberedTo(2500) // more than one batch
	n.stop()
	for _, line := range lines[:500] {
		emit(t, w, line)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond) // at whatever point
	defer cancel()
	if err := w.FlushContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("FlushContext: %v", err)
	}
	n.start()
	for _, line := range lines[500:] {
		emit(t, w, line)
	}
	flush(t, w)
	sameLines(t, linesOf(readBack(t, n.address("AUDIT"))), lines)
}
