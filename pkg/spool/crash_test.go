package spool_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/spool"
)

// Whenever the machine crashes, every line is in the destination or in the spool, from
// which it is delivered in order.
func TestCrash(t *testing.T) {
	t.Parallel()
	disk := crashtest.New(nil)
	took := map[int]string{0: ""} // what the destination has, by the number of changes
	dir := t.TempDir()
	var d destination
	write := func(ctx context.Context, lines []byte) (int, error) {
		taken, err := d.Write(ctx, lines)
		took[disk.Mark()] = d.took.String()
		return taken, err
	}
	for i, room := range []int{0, 0, 0, 2, 1, 3, unlimited, 0, unlimited} {
		before := disk.Mark()
		s := open(t, dir)
		s.Record(disk)
		d.room = room
		if _, err := s.Queue("d", "d").Send(t.Context(), fmt.Appendf(nil, "%d\n", i), function(write)); err != nil {
			t.Fatal(err)
		}
		for crash := range disk.Crashes() {
			lines := i
			switch {
			case crash.After == disk.Mark():
				lines = i + 1
			case crash.After < before:
				continue // as after the last line
			}
			before := latest(took, crash.After)
			after := recovered(t, crash)
			if err := inOrder(before, after, lines); err != nil {
				t.Fatalf("%s, which left %q: took %q, and then %q: %v", crash.What, crash.Files, before, after, err)
			}
		}
	}
}

// recovered returns what a destination gets after a crash.
func recovered(t *testing.T, crash crashtest.Crash) string {
	dir := filepath.Join(t.TempDir(), "spool")
	if err := crash.Put(dir); err != nil {
		t.Fatal(err)
	}
	s, err := spool.Open(dir, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d := destination{room: unlimited}
	kept, err := s.Queue("d", "d").Send(t.Context(), []byte("end\n"), &d)
	if kept != nil || err != nil {
		t.Fatalf("%s: kept as %v, error %v", crash.What, kept, err)
	}
	return d.took.String()
}

// latest returns the last value of those up to a key.
func latest[V any](values map[int]V, key int) V {
	for {
		if v, ok := values[key]; ok {
			return v
		}
		key--
	}
}

// inOrder checks that before a crash and after it, numbered lines came in order, and of
// both together so many from 0 on.
func inOrder(before, after string, n int) error {
	have := map[string]bool{}
	for _, text := range []string{before, after} {
		last := ""
		for line := range strings.Lines(text) {
			if len(line) != 2 {
				continue // a part of a line
			}
			if line < last {
				return fmt.Errorf("%q comes after %q", line, last)
			}
			last = line
			have[line] = true
		}
	}
	for i := range n {
		if !have[fmt.Sprintf("%d\n", i)] {
			return fmt.Errorf("there is no %d", i)
		}
	}
	return nil
}
