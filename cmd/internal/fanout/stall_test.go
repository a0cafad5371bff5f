package fanout_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/collector"
)

const (
	stall = 50 * time.Millisecond
	grace = 8 * time.Second
	line  = `{"event_type": "a"}` + "\n"
)

// A buffer is safe for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// newSet returns an open Set of writers, which are called w1, w2 and so on.
func newSet(t *testing.T, ctx context.Context, opts fanout.Options, writers ...io.Writer) (*fanout.Set, fanout.Group) {
	t.Helper()
	set := fanout.New(opts)
	var all fanout.Group
	for i, w := range writers {
		to, err := set.AddWriter("w"+string(rune('1'+i)), w)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, to...)
	}
	if err := set.Open(ctx); err != nil {
		t.Fatal(err)
	}
	return set, all
}

func options(said io.Writer) fanout.Options {
	return fanout.Options{Reports: report.New("test", said), Grace: grace}
}

func send(set *fanout.Set, to fanout.Group, lines string) error {
	return set.Send([]fanout.Delivery{{To: to, Lines: []byte(lines)}})
}

func beginLine(set *fanout.Set, to fanout.Group, piece string) error {
	return set.BeginLine([]byte(piece), to)
}

// A destination that takes nothing for the stall time is dropped then and no sooner, and
// the others get everything.
func TestStalled(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		takes int64
		after time.Duration
	}{
		"nothing": {0, stall},
		"some":    {10_000, 2 * stall}, // it took something the first time
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, w := io.Pipe()
				go func() {
					time.Sleep(stall / 2) // until it is waited for
					io.CopyN(io.Discard, r, test.takes)
				}()
				var said, other buffer
				opts := options(&said)
				opts.Stall = stall
				set, all := newSet(t, t.Context(), opts, w, &other)
				lines, start := strings.Repeat(line, 5_000), time.Now()
				for range 2 {
					if err := send(set, all, lines); err != nil {
						t.Error(err)
					}
				}
				if took := time.Since(start); took != test.after {
					t.Errorf("it took %v, want %v", took, test.after)
				}
				if n := set.GivenUp(); n != 1 {
					t.Errorf("%d writes were given up", n)
				}
				r.Close()
				set.Close()
				if said.String() != "test: write w1: took no data for 50ms\n" || other.String() != lines+lines {
					t.Errorf("said %q; the other got %d bytes", &said, len(other.String()))
				}
			})
		})
	}
}

// A slowWriter takes some time for each write.
type slowWriter struct {
	each time.Duration
	buffer
}

func (w *slowWriter) Write(p []byte) (int, error) {
	time.Sleep(w.each)
	return w.buffer.Write(p)
}

// A destination that is slow, but takes something now and then, is not dropped.
func TestSlowIsNoStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said buffer
		opts, out, lines := options(&said), &slowWriter{each: stall - 1}, strings.Repeat(line, 5_000)
		opts.Stall = stall
		set, all := newSet(t, t.Context(), opts, out)
		err := send(set, all, lines)
		set.Close()
		if err != nil || said.String() != "" || out.String() != lines {
			t.Errorf("%v, said %q, %d bytes of %d", err, &said, len(out.String()), len(lines))
		}
	})
}

// Once the command is interrupted, a write that does not end is given up after a while,
// and one that begins later sooner, so that the others can be closed.
func TestStuckAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		var said, other buffer
		r1, w1 := io.Pipe()
		r2, w2 := io.Pipe()
		set, all := newSet(t, ctx, options(&said), w1, w2, &other)
		start := time.Now()
		time.AfterFunc(time.Hour, cancel)
		if err := send(set, all[:1], line); err != nil {
			t.Error(err)
		}
		if took := time.Since(start) - time.Hour; took != grace/2 {
			t.Errorf("the first one was given up after %v", took)
		}
		start = time.Now()
		if err := send(set, all, line); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != grace/8 {
			t.Errorf("the second one was given up after %v", took)
		}
		r1.Close()
		r2.Close()
		set.Close()
		const stuck = ": interrupted in a write that does not end; it may end within a line\n"
		if said.String() != "test: write w1"+stuck+"test: write w2"+stuck || other.String() != line {
			t.Errorf("said %q; the other got %q", &said, &other)
		}
	})
}

// All write in parallel: a slow one does not keep others waiting.
func TestSendAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var said buffer
		r1, w1 := io.Pipe()
		r2, w2 := io.Pipe()
		set, all := newSet(t, t.Context(), options(&said), w1, w2)
		go func() {
			err := set.Send([]fanout.Delivery{{To: all[:1], Lines: []byte(line)}, {To: all[1:], Lines: []byte(line)}})
			set.Close()
			w2.CloseWithError(errors.Join(err, io.EOF))
		}()
		have := make([]byte, len(line))
		for _, r := range []io.Reader{r2, r1} {
			if _, err := io.ReadFull(r, have); err != nil || string(have) != line {
				t.Errorf("read %q, %v", have, err)
			}
		}
		if _, err := r2.Read(have); err == nil || err.Error() != "EOF" || said.String() != "" {
			t.Errorf("it ends with %v; said %q", err, &said)
		}
	})
}

// With SyncAlways standard output gets lines only when all others have them.
func TestStandardOutputLast(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sync collector.Sync
		send func(set *fanout.Set, to fanout.Group, lines string) error
		last bool
	}{
		"never":  {collector.SyncNever, send, false},
		"always": {collector.SyncAlways, send, true},
		"piece":  {collector.SyncAlways, beginLine, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			var said, out buffer
			opts := options(&said)
			opts.Out, opts.Files.Sync = &out, test.sync
			set := fanout.New(opts)
			all, err := set.Add(fanout.Role{}, "-")
			r, w := io.Pipe()
			more, err2 := set.AddWriter("w", w)
			if err := errors.Join(err, err2, set.Open(t.Context())); err != nil {
				t.Fatal(err)
			}
			sent := make(chan error)
			go func() { sent <- test.send(set, append(all, more...), line) }()
			synctest.Wait()
			if had := out.String() != ""; had == test.last {
				t.Errorf("%s: standard output has %q before the other", name, &out)
			}
			io.ReadFull(r, make([]byte, len(line)))
			if err := <-sent; err != nil || out.String() != line {
				t.Errorf("%s: %v, standard output has %q", name, err, &out)
			}
			set.Close()
		})
	}
}
