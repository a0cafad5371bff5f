// Package collectortest tests implementations of [collector.Collector]: [Run] checks what
// that interface promises.
package collectortest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// A Subject is a collector under test.
type Subject struct {
	Collector interface {
		collector.Collector
		io.Closer
	}

	// Lines returns the lines that were recorded, without their line feeds. It is
	// called after Flush or Close, while nothing is being emitted.
	Lines func() []string
}

// Run checks what [collector.Collector], [collector.EmitLines] and
// [collector.FlushContext] promise, each in a subtest with a new Subject from open. Run
// closes the Subjects; open may use [testing.T.Cleanup] for anything else.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for _, check := range []struct {
		name string
		run  func(*testing.T, Subject)
	}{
		{"order", testOrder},
		{"bytes", testBytes},
		{"concurrent", testConcurrent},
		{"nothing retained", testNothingRetained},
		{"blocks", testBlocks},
		{"flush", testFlush},
		{"flush with a context", testFlushContext},
		{"close flushes", testCloseFlushes},
		{"closed", testClosed},
	} {
		t.Run(check.name, func(t *testing.T) {
			s := open(t)
			check.run(t, s)
			if err := s.Collector.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

func testOrder(t *testing.T, s Subject) {
	var want []string
	for i := range 2000 {
		want = append(want, Numbered("order", i))
	}
	Emit(t, s.Collector, want...)
	Flush(t, s.Collector)
	SameLines(t, s.Lines(), want)
}

// A line is recorded unchanged, whatever its length.
func testBytes(t *testing.T, s Subject) {
	want := []string{
		`{"event_type":"x"}`,
		`  {"event_type" :"x" }` + "\t\r",
		`{"event\u005ftype": "\ud83d\ude00", "event_type": "x\/y", "n": 1.50E+03, "n": -0}`,
		`{"event_type": "é\u0000\u007f"}`,
		Sized(64<<10 - 1),
		Sized(64 << 10),
		Sized(300 << 10),
		`{"event_type": "last"}`,
	}
	Emit(t, s.Collector, want...)
	Flush(t, s.Collector)
	SameLines(t, s.Lines(), want)
}

// Events of many goroutines are recorded exactly once and unbroken, and those of one
// goroutine in order.
func testConcurrent(t *testing.T, s Subject) {
	const writers, each = 8, 300
	var wg sync.WaitGroup
	for w := range writers {
		name := fmt.Sprint("writer ", w)
		wg.Go(func() {
			for i := range each {
				Emit(t, s.Collector, Numbered(name, i))
			}
		})
		wg.Go(func() {
			for i := range each {
				EmitLines(t, s.Collector, Numbered("block "+name, 2*i)+"\n"+Numbered("block "+name, 2*i+1)+"\n")
			}
		})
		wg.Go(func() {
			for range each / 10 {
				Flush(t, s.Collector)
			}
		})
	}
	wg.Wait()
	Flush(t, s.Collector)

	byType := map[string][]string{}
	for _, line := range s.Lines() {
		typ := Parse(t, line).Type()
		byType[typ] = append(byType[typ], line)
	}
	if len(byType) != 2*writers {
		t.Errorf("lines of %d goroutines, want %d", len(byType), 2*writers)
	}
	for typ, got := range byType {
		var want []string
		for i := range len(got) {
			want = append(want, Numbered(typ, i))
		}
		SameLines(t, got, want)
	}
	if got := len(s.Lines()); got != writers*each*3 {
		t.Errorf("%d lines, want %d", got, writers*each*3)
	}
}

// The caller may reuse the bytes of an event as soon as Emit has returned.
func testNothingRetained(t *testing.T, s Subject) {
	want := []string{Numbered("kept", 1), Sized(100 << 10), Numbered("kept", 2), Numbered("kept", 3)}
	for _, line := range want[:2] {
		buf := []byte(line)
		e, err := events.Parse(buf)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Collector.Emit(e); err != nil {
			t.Fatal(err)
		}
		overwrite(buf)
	}
	buf := []byte(want[2] + "\n" + want[3] + "\n")
	if err := collector.EmitLines(s.Collector, buf); err != nil {
		t.Fatal(err)
	}
	overwrite(buf)
	Flush(t, s.Collector)
	SameLines(t, s.Lines(), want)
}

// However events are divided into blocks, single events and flushes, the result is the
// same.
func testBlocks(t *testing.T, s Subject) {
	rng := rand.New(rand.NewPCG(1, 2))
	var want []string
	for i := range 300 {
		want = append(want, Numbered("small", i), Sized(50+rng.IntN(4000)))
	}
	want = append(want, Sized(64<<10-1), Sized(64<<10), Sized(200<<10), Numbered("small", 300))

	for rest := want; len(rest) > 0; {
		n := min(rng.IntN(40), len(rest))
		EmitLines(t, s.Collector, joinLines(rest[:n]))
		rest = rest[n:]
		n = min(rng.IntN(3), len(rest))
		Emit(t, s.Collector, rest[:n]...)
		rest = rest[n:]
	}
	Flush(t, s.Collector)
	SameLines(t, s.Lines(), want)
}

// What was emitted is visible once Flush has returned, and more can follow.
func testFlush(t *testing.T, s Subject) {
	Flush(t, s.Collector)
	SameLines(t, s.Lines(), nil)
	var want []string
	for i := range 3 {
		want = append(want, Numbered("flush", i))
		Emit(t, s.Collector, want[i])
		Flush(t, s.Collector)
		Flush(t, s.Collector)
		SameLines(t, s.Lines(), want)
	}
}

// A Flush with a context that is done loses nothing: the next one continues.
func testFlushContext(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var want []string
	for i := range 3 {
		want = append(want, Numbered("flush", i))
		Emit(t, s.Collector, want[i])
		err := collector.FlushContext(ctx, s.Collector)
		if c, ok := s.Collector.(collector.ContextFlusher); ok {
			err = c.FlushContext(ctx)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("FlushContext with a context that is done: %v, want %v", err, context.Canceled)
		}
	}
	if err := collector.FlushContext(t.Context(), s.Collector); err != nil {
		t.Errorf("FlushContext: %v", err)
	}
	SameLines(t, s.Lines(), want)
}

func testCloseFlushes(t *testing.T, s Subject) {
	want := []string{Numbered("close", 0), Numbered("close", 1)}
	Emit(t, s.Collector, want...)
	if err := s.Collector.Close(); err != nil {
		t.Fatal(err)
	}
	SameLines(t, s.Lines(), want)
}

func testClosed(t *testing.T, s Subject) {
	want := []string{Numbered("closed", 0)}
	Emit(t, s.Collector, want...)
	for range 2 {
		if err := s.Collector.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	line := Numbered("late", 0)
	for _, call := range []struct {
		name string
		err  error
	}{
		{"Emit", s.Collector.Emit(Parse(t, line))},
		{"EmitLines", collector.EmitLines(s.Collector, []byte(line+"\n"))},
		{"Flush", s.Collector.Flush()},
	} {
		if !errors.Is(call.err, collector.ErrClosed) {
			t.Errorf("%s after Close: %v, want %v", call.name, call.err, collector.ErrClosed)
		}
	}
	SameLines(t, s.Lines(), want)
}

func joinLines(lines []string) string {
	var all strings.Builder
	for _, line := range lines {
		all.WriteString(line + "\n")
	}
	return all.String()
}

func overwrite(b []byte) {
	for i := range b {
		b[i] = '#'
	}
}
