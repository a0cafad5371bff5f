package backlog_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/cmd/internal/backlog"
)

// destination is a Send that is told what to answer.
type destination struct {
	got     chan string
	answers chan error
}

func newDestination() *destination {
	return &destination{make(chan string), make(chan error)}
}

func (d *destination) send(events []byte) error {
	d.got <- string(events)
	return <-d.answers
}

// expect waits for what is sent, and answers.
func (d *destination) expect(t *testing.T, want string, answer error) {
	t.Helper()
	if have := <-d.got; have != want {
		t.Errorf("have %q, want %q", have, want)
	}
	d.answers <- answer
}

func newBacklog(d *destination) *backlog.Backlog {
	return &backlog.Backlog{
		Most: 6,
		Send: d.send,
		Unrecorded: func(dst []byte, n int64, since time.Time) []byte {
			return fmt.Appendf(dst, "%d not recorded since %d\n", n, since.Unix())
		},
		Now:   func() time.Time { return time.Unix(7, 0) },
		After: func(time.Duration) <-chan time.Time { c := make(chan time.Time, 1); c <- time.Time{}; return c },
	}
}

func run(b *backlog.Backlog) (ended chan struct{}) {
	ended = make(chan struct{})
	go func() {
		b.Run()
		close(ended)
	}()
	return ended
}

func add(b *backlog.Backlog, events ...string) {
	for _, event := range events {
		b.Add([]byte(event))
	}
}

// What there is no room for is one gap, and is said to be missing where it is missing.
func TestFull(t *testing.T) {
	t.Parallel()
	d := newDestination()
	b := newBacklog(d)
	ended := run(b)
	add(b, "a\n")
	if have := <-d.got; have != "a\n" {
		t.Errorf("have %q", have)
	}
	add(b, "b\n", "c\n", "long\n", "d\n") // while a is sent
	d.answers <- nil
	d.expect(t, "b\nc\n2 not recorded since 7\n", nil)
	add(b, "g\n")
	d.expect(t, "g\n", nil)
	add(b, "too large\n")
	d.expect(t, "1 not recorded since 7\n", nil)
	b.Close()
	<-ended
	if n := b.Missing(); n != 3 {
		t.Errorf("%d are missing", n)
	}
}

// What no destination has is sent again, what some have is not.
func TestFailures(t *testing.T) {
	t.Parallel()
	d := newDestination()
	b := newBacklog(d)
	ended := run(b)
	add(b, "a\n")
	d.expect(t, "a\n", backlog.ErrNowhere)
	d.expect(t, "a\n", backlog.ErrNowhere)
	d.expect(t, "a\n", nil)
	add(b, "b\n")
	d.expect(t, "b\n", backlog.ErrPartly)
	add(b, "c\n")
	d.expect(t, "c\n", nil)
	d.expect(t, "1 not recorded since 7\n", backlog.ErrPartly)
	add(b, "d\n")
	d.expect(t, "d\n", nil)
	d.expect(t, "1 not recorded since 7\n", nil)
	b.Close()
	<-ended
	if n := b.Missing(); n != 1 {
		t.Errorf("%d are missing", n)
	}
}

// At the end what is left is tried once more, and then counted.
func TestClose(t *testing.T) {
	t.Parallel()
	for _, last := range []error{nil, backlog.ErrNowhere, errors.New("gone")} {
		d := newDestination()
		b := newBacklog(d)
		b.After = func(time.Duration) <-chan time.Time { return nil }
		ended := run(b)
		add(b, "a\n")
		d.expect(t, "a\n", backlog.ErrNowhere)
		b.Close()
		d.expect(t, "a\n", last)
		<-ended
		want := int64(1)
		if last == nil {
			want = 0
		}
		if n := b.Missing(); n != want {
			t.Errorf("after %v %d are missing", last, n)
		}
	}
}

// What is added just before the end is sent.
func TestAddAndClose(t *testing.T) {
	t.Parallel()
	for range 1000 {
		b := &backlog.Backlog{Send: func([]byte) error { return nil }}
		ended := run(b)
		add(b, "a\n")
		b.Close()
		<-ended
		if n := b.Missing(); n != 0 {
			t.Fatalf("%d are missing", n)
		}
	}
}

// Whoever adds never waits, and nothing gets lost between the two sides.
func TestOrder(t *testing.T) {
	t.Parallel()
	const n = 10_000
	var have []string
	b := &backlog.Backlog{Send: func(events []byte) error {
		have = slices.AppendSeq(have, strings.Lines(string(events)))
		return nil
	}}
	ended := run(b)
	for i := range n {
		add(b, fmt.Sprintln(i))
	}
	b.Close()
	<-ended
	for i := range n {
		if have[i] != fmt.Sprintln(i) {
			t.Fatalf("event %d is %q", i, have[i])
		}
	}
	if len(have) != n || b.Missing() != 0 {
		t.Errorf("%d events, %d missing", len(have), b.Missing())
	}
}
