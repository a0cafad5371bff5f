package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"auditctl/pkg/collector/jetstream"
	"auditctl/pkg/events"
	"auditctl/pkg/internal/logtest"
)

func openReader(t testing.TB, a jetstream.Address, opts *jetstream.ReaderOptions) *jetstream.Reader {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), patience, errors.New("no end"))
	t.Cleanup(cancel)
	r, err := jetstream.OpenReader(ctx, a, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// readAll reads to the end.
func readAll(t testing.TB, r io.Reader) []string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return splitLines(string(text))
}

func splitLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimSuffix(line, "\n"))
	}
	return lines
}

func closeAll(t testing.TB, closers ...io.Closer) {
	t.Helper()
	for _, c := range closers {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// fill creates a stream with lines.
func fill(t testing.TB, a jetstream.Address, lines []string) {
	t.Helper()
	w := open(t, a, nil)
	emitLines(t, w, joined(lines))
	closeAll(t, w)
}

func TestReader(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	lines := append(numberedTo(2000), "no event", "", `{"event_type": "other", "session_id": "s1"}`, `{"event_type": "other"}`, strings.Repeat("x", 900<<10))
	fill(t, a, lines)
	has := func(parts ...string) (selected []string) {
		for _, line := range lines {
			if slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(line, part) }) {
				selected = append(selected, line)
			}
		}
		return selected
	}
	for _, test := range []struct {
		name string
		opts jetstream.ReaderOptions
		want []string
	}{
		{"all", jetstream.ReaderOptions{}, lines},
		{"of a type", jetstream.ReaderOptions{Types: []string{"other"}}, has(`"other"`)},
		{"of a session", jetstream.ReaderOptions{Sessions: []string{"s1"}}, has(`"s1"`)},
		{"of sessions and a type", jetstream.ReaderOptions{Sessions: []string{"s1", "s2", "s1"}, Types: []string{"tool_call_complete"}}, has(`"tool_call_complete", "session_id": "s1"`, `"s2"`)},
		{"of an absent type", jetstream.ReaderOptions{Types: []string{"none"}}, nil},
		{"with a cursor", jetstream.ReaderOptions{Cursor: "c"}, lines},
	} {
		t.Run(test.name, func(t *testing.T) {
			sameLines(t, readAll(t, openReader(t, a, &test.opts)), test.want)
		})
	}
	t.Run("byte by byte", func(t *testing.T) {
		sameLines(t, readAll(t, iotest.OneByteReader(openReader(t, a, &jetstream.ReaderOptions{Sessions: []string{"s1"}}))), has(`"s1"`))
	})
}

func TestReaderOfEmptyStream(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	closeAll(t, open(t, a, nil))
	r := openReader(t, a, nil)
	if err := r.Wait(); err != io.EOF {
		t.Errorf("Wait: %v", err)
	}
	if got := readAll(t, r); got != nil {
		t.Errorf("read %q", got)
	}
}

func TestOpenReaderErrors(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	for _, test := range []struct {
		cursor, want string
	}{
		{"", "stream NONE: there is no such stream: its first writer makes it"},
		{"a.b", "want one without blanks, dots"},
	} {
		_, err := jetstream.OpenReader(t.Context(), n.address("NONE"), &jetstream.ReaderOptions{Cursor: test.cursor})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// Reading continues after the lines that were acknowledged, not those that were read.
func TestReaderCursor(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	lines := numberedTo(3000)
	fill(t, a, lines)
	acked := 0
	for _, n := range []int{0, 500, 0, 1, 1000} {
		r := openReader(t, a, &jetstream.ReaderOptions{Cursor: "c"})
		got := readAll(t, r)
		sameLines(t, got, lines[acked:])
		r.Ack(int64(len(joined(got[:n+1])) - 1)) // the end of the last line is not included
		acked += n
		closeAll(t, r)
	}
	r := openReader(t, a, &jetstream.ReaderOptions{Cursor: "other"})
	sameLines(t, readAll(t, r), lines)
}

// A request that an earlier run has left at the server gets none of the lines.
func TestReaderCursorOfAnotherRun(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	a := n.address("AUDIT")
	lines := numberedTo(100)
	fill(t, a, lines)
	r := openReader(t, a, &jetstream.ReaderOptions{Cursor: "c"})
	readAll(t, r)
	closeAll(t, r)

	js := client(t, n.host())
	inbox := js.Conn().NewInbox()
	if _, err := js.Conn().SubscribeSync(inbox); err != nil {
		t.Fatal(err)
	}
	request := fmt.Appendf(nil, `{"batch": %d, "expires": %d}`, 100*len(lines), patience) // for more than one reset
	if err := js.Conn().PublishRequest("$JS.API.CONSUMER.MSG.NEXT.AUDIT.c", inbox, request); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the server has the request", func() bool {
		consumer, err := js.Consumer(t.Context(), "AUDIT", "c")
		return err == nil && consumer.CachedInfo().NumWaiting == 1
	})
	said := logtest.New(func(line string) {
		if !strings.Contains(line, "cursor c: another process reads with it") {
			t.Errorf("said %q", line)
		}
		js.Conn().Close()
	})
	sameLines(t, readAll(t, openReader(t, a, &jetstream.ReaderOptions{Cursor: "c", Logger: said})), lines)
}

// Read returns what is available without waiting for more.
func TestReaderFollow(t *testing.T) {
	t.Parallel()
	a := startNode(t, nil).address("AUDIT")
	w := open(t, a, nil)
	lines := numberedTo(100)
	r := openReader(t, a, &jetstream.ReaderOptions{Follow: true})
	in := events.NewReader(r)
	for _, line := range lines {
		emit(t, w, line)
		flush(t, w)
		if err := r.Wait(); err != nil {
			t.Fatal(err)
		}
		var b events.Block
		if err := in.ReadBlock(&b); err != nil || string(b.Lines) != line+"\n" {
			t.Fatalf("%q, %v, want %q", b.Lines, err, line)
		}
	}
}

// When connections drop, no line is missing or duplicated, and no acknowledgement is lost
// for good.
func TestReaderConnectionCut(t *testing.T) {
	t.Parallel()
	n := startNode(t, nil)
	lines := numberedTo(manyEvents)
	fill(t, n.address("AUDIT"), lines)
	a := n.address("AUDIT")
	for _, cursor := range []string{"", "c"} {
		t.Run("cursor="+cursor, func(t *testing.T) {
			r := openReader(t, a, &jetstream.ReaderOptions{Cursor: cursor})
			rng := rand.New(rand.NewPCG(1, 2))
			var got strings.Builder
			buf := make([]byte, 8<<10)
			for reads := 0; ; reads++ {
				if reads%40 == 20 {
					n.cut()
				}
				n, err := r.Read(buf)
				got.Write(buf[:n])
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				r.Ack(int64(got.Len() - rng.IntN(4000)))
			}
			sameLines(t, splitLines(got.String()), lines)
			if cursor == "" {
				return
			}
			n.cut() // so that Close has to acknowledge again
			r.Ack(int64(got.Len()))
			closeAll(t, r)
			sameLines(t, readAll(t, openReader(t, a, &jetstream.ReaderOptions{Cursor: cursor})), nil)
		})
	}
}
