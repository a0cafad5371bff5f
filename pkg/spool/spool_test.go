package spool_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/spool"
)

func open(t *testing.T, dir string) *spool.Spool {
	t.Helper()
	s, err := spool.Open(dir, func(format string, args ...any) { t.Errorf("warned: "+format, args...) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A destination keeps what it takes: so many bytes, then it fails.
type destination struct {
	took   strings.Builder
	room   int
	writes int

	syncErr error
}

const unlimited = 1 << 40

var errFull = errors.New("full")

func (d *destination) Write(_ context.Context, lines []byte) (taken int, err error) {
	d.writes++
	if taken = min(len(lines), d.room); taken < len(lines) {
		err = errFull
	}
	d.room -= taken
	d.took.Write(lines[:taken])
	return taken, err
}

func (d *destination) Sync(context.Context) error { return d.syncErr }

// A function is a destination that a function writes to.
type function func(ctx context.Context, lines []byte) (int, error)

func (f function) Write(ctx context.Context, lines []byte) (int, error) { return f(ctx, lines) }
func (f function) Sync(context.Context) error                           { return nil }

func (d *destination) send(t *testing.T, q *spool.Queue, lines string) {
	t.Helper()
	kept, err := q.Send(t.Context(), []byte(lines), d)
	if err != nil || kept != nil && kept != errFull {
		t.Fatalf("send %.100q: kept as %v, error %v", lines, kept, err)
	}
}

func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// What waits is delivered first, in order, and a line of which a part was taken is
// delivered again as a whole, on a line of its own.
func TestOrder(t *testing.T) {
	long := strings.Repeat("x", 300_000) + "\n"
	for _, test := range []struct {
		name  string
		rooms []int    // of the destination, at each
		sent  []string // then at last, end
		want  string
	}{
		{"up", []int{unlimited, unlimited}, []string{"1\n", "2\n"}, "1\n2\nend\n"},
		{"down", []int{0, 0, 0}, []string{"1\n", "2\n3\n", "4\n"}, "1\n2\n3\n4\nend\n"},
		{"down in between", []int{unlimited, 0, 0}, []string{"1\n", "2\n", "3\n"}, "1\n2\n3\nend\n"},
		{"a line at a time", []int{0, 2, 2, 4}, []string{"1\n", "2\n", "3\n", "4\n"}, "1\n2\n3\n4\nend\n"},
		{"some of several", []int{4}, []string{"1\n2\n3\n"}, "1\n2\n3\nend\n"},
		{"within a line", []int{5}, []string{"1\n2345\n6\n"}, "1\n234\n2345\n6\nend\n"},
		{"within a waiting line", []int{0, 5, 0}, []string{"1\n2345\n6\n", "7\n", "8\n"}, "1\n234\n2345\n6\n7\n8\nend\n"},
		{"within a line, twice", []int{2, 2, 1}, []string{"1234\n", "5\n", "6\n"}, "12\n1\n\n1234\n5\n6\nend\n"},
		{"all but the line feed", []int{1}, []string{"1\n"}, "1\n1\nend\n"},
		{"within a line, then all but the line feed", []int{2, 5}, []string{"1234\n", "5\n"}, "12\n1234\n1234\n5\nend\n"},
		{"blank lines", []int{1, 0}, []string{"\n\n1\n", "\n"}, "\n\n1\n\nend\n"},
		{"segments", []int{0, 0, 0, 300_001, 300_001}, []string{long, long + long, long + long, long, "1\n"}, strings.Repeat(long, 6) + "1\nend\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var d destination
			for i, lines := range test.sent {
				d.room = test.rooms[i]
				d.send(t, open(t, dir).Queue("d", "d"), lines)
			}
			d.room = unlimited
			q := open(t, dir).Queue("d", "d")
			d.send(t, q, "end\n")
			if got := d.took.String(); got != test.want {
				t.Errorf("took %.200q, want %.200q", got, test.want)
			}
			if some, err := q.Waiting(); some || err != nil {
				t.Errorf("waiting: %t, %v", some, err)
			}
			if left := files(t, dir); len(left) > 2 {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Each destination has its own lines, and the names of others that have some are known,
// but nothing in the spool shows what may be secret in them.
func TestQueues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	first, second, third := s.Queue("a", "a"), s.Queue("nats://me:hunter2@b", "nats://xxxxx@b"), s.Queue("c", "c")
	var down destination
	for i, q := range []*spool.Queue{first, second, third} {
		down.send(t, q, fmt.Sprintf("%d\n", i))
	}
	d := destination{room: unlimited}
	if err := third.Drain(t.Context(), &d); err != nil || d.took.String() != "2\n" {
		t.Errorf("drained %q, %v", d.took.String(), err)
	}
	if others, err := s.Others(first); err != nil || !slices.Equal(others, []string{"nats://xxxxx@b"}) {
		t.Errorf("others: %q, %v", others, err)
	}
	for _, name := range files(t, dir) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Contains(name+string(text), "hunter2") {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// Lines for others that nobody has delivered for a day are told of once a day.
func TestNeglected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	var down destination
	mine := s.Queue("mine", "mine")
	down.send(t, mine, "1\n")
	down.send(t, s.Queue("other", "the other"), "2\n")
	const day = 24 * time.Hour
	for i, want := range [][]string{nil, {"the other"}, nil} {
		if i == 1 {
			for _, name := range files(t, dir) {
				long := time.Now().Add(-day - time.Minute)
				if err := os.Chtimes(filepath.Join(dir, name), long, long); err != nil {
					t.Fatal(err)
				}
			}
		}
		if got, err := s.Neglected(day, mine); err != nil || !slices.Equal(got, want) {
			t.Errorf("%d: %q, %v, want %q", i, got, err, want)
		}
	}
}

// While one delivers, others add their lines at once, and these are taken along.
func TestBusy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var down destination
	down.send(t, open(t, dir).Queue("d", "d"), "1\n")
	var d destination
	deliver := func(ctx context.Context, lines []byte) (int, error) {
		if d.writes < 3 {
			other := destination{room: unlimited}
			kept, err := open(t, dir).Queue("d", "d").Send(ctx, fmt.Appendf(nil, "%d\n", d.writes+2), &other)
			if kept != spool.ErrBusy || err != nil || other.writes > 0 {
				t.Errorf("kept as %v, error %v, %d writes", kept, err, other.writes)
			}
		}
		d.room = unlimited
		return d.Write(ctx, lines)
	}
	kept, err := open(t, dir).Queue("d", "d").Send(t.Context(), []byte("end\n"), function(deliver))
	if kept != nil || err != nil || d.took.String() != "1\n2\n3\n4\nend\n" {
		t.Errorf("took %q, kept as %v, error %v", d.took.String(), kept, err)
	}
}

// Nothing is left if the one that delivers stops before another has added its lines.
func TestNoLongerBusy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var down destination
	down.send(t, open(t, dir).Queue("d", "d"), "1\n")
	f, err := osfile.OpenRegular(filepath.Join(dir, files(t, dir)[0]+".delivering"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := osfile.Lock(f); err != nil {
		t.Fatal(err)
	}
	d := destination{room: unlimited}
	kept, err := spool.Added(open(t, dir).Queue("d", "d"), func() { f.Close() }).Send(t.Context(), []byte("2\n"), &d)
	if kept != nil || err != nil || d.took.String() != "1\n2\n" {
		t.Errorf("took %q, kept as %v, error %v", d.took.String(), kept, err)
	}
}

// Lines do not leave the spool before they are safe elsewhere.
func TestNotSynced(t *testing.T) {
	t.Parallel()
	q := open(t, t.TempDir()).Queue("d", "d")
	d := destination{syncErr: errFull}
	d.send(t, q, "1\n")
	d.room = unlimited
	d.send(t, q, "2\n")
	d.syncErr = nil
	d.send(t, q, "3\n")
	if got := d.took.String(); got != "1\n1\n2\n3\n" {
		t.Errorf("took %q", got)
	}
}

// Drain waits for another one that delivers, until the end of its context. When that has
// come, nothing more is written.
func TestDrainWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		q := open(t, dir).Queue("d", "d")
		var down destination
		down.send(t, q, "1\n")
		ctx, cancel := context.WithCancelCause(t.Context())
		drained := make(chan error, 1)
		d := destination{room: unlimited}
		err := q.Drain(t.Context(), function(func(context.Context, []byte) (int, error) {
			go func() { drained <- open(t, dir).Queue("d", "d").Drain(ctx, &d) }()
			synctest.Wait()
			return 0, errFull
		}))
		if err != errFull || <-drained != nil || d.took.String() != "1\n" {
			t.Errorf("%v, took %q", err, d.took.String())
		}
		down.send(t, q, "2\n")
		cancel(errFull)
		if err := q.Drain(ctx, &d); err != errFull || d.writes > 1 {
			t.Errorf("%v, %d writes", err, d.writes)
		}
	})
}

// A process that was stopped while it changes files keeps others waiting only so long.
func TestStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var d destination
	d.send(t, open(t, dir).Queue("d", "d"), "1\n")
	name := files(t, dir)[0]
	f, err := osfile.OpenRegular(filepath.Join(dir, name), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := osfile.Lock(f); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		_, err := open(t, dir).Queue("d", "d").Send(t.Context(), []byte("2\n"), &d)
		if want := name + ": another process has it locked"; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	})
}
