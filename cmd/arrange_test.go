package cmd_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"auditctl/cmd"
	"auditctl/pkg/events"
)

// randomEvents makes events of a few sessions, some of them of type b.
func randomEvents(r *rand.Rand, n int) (lines, sessions []string) {
	for i := range n {
		session := fmt.Sprint(r.IntN(3))
		eventType := "a"
		if r.IntN(5) == 0 {
			eventType = "b"
		}
		lines = append(lines, fmt.Sprintf(`{"event_type": "%s", "session_id": "%s", "n": %d, "x": "%s"}`, eventType, session, i, strings.Repeat("x", r.IntN(300))))
		sessions = append(sessions, session)
	}
	return lines, sessions
}

// The context is the same as that found by a simple search of each session.
func TestContext(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		lines, sessions := randomEvents(r, 1+r.IntN(3000))
		before, after, all := r.IntN(4), r.IntN(4), seed%2 == 0
		wanted := map[string]bool{}
		for i, line := range lines {
			if !strings.Contains(line, `"b"`) {
				continue
			}
			wanted[line] = true
			for step, left := range map[int]int{-1: before, 1: after} {
				for j := i + step; left > 0 && 0 <= j && j < len(lines); j += step {
					if all || sessions[j] == sessions[i] {
						wanted[lines[j]] = true
						left--
					}
				}
			}
		}
		args := []string{"filter", "-t", "b", "-B", fmt.Sprint(before), "-A", fmt.Sprint(after)}
		if all && before+after > 0 {
			args = append(args, "--context-all")
		}
		_, stdout, _ := run(strings.NewReader(strings.Join(lines, "\n")), args...)
		have := strings.Split(strings.TrimSuffix(stdout, "\n"), "\n")
		for _, session := range []string{"0", "1", "2"} {
			of := func(lines []string) (some []string) {
				for _, line := range lines {
					if wanted[line] && strings.Contains(line, `"session_id": "`+session+`"`) {
						some = append(some, line)
					}
				}
				return some
			}
			if !slices.Equal(of(have), of(lines)) {
				t.Errorf("%v: session %s has %d events, want %d, or in another order", args, session, len(of(have)), len(of(lines)))
			}
		}
		if len(have) != max(len(wanted), 1) {
			t.Errorf("%v: %d events, want %d", args, len(have), len(wanted))
		}
	}
}

// A session without events for a long time does not keep the run from ending.
func TestContextForgets(t *testing.T) {
	t.Parallel()
	in, feed := io.Pipe() // stays open
	defer in.Close()
	go func() {
		fmt.Fprintln(feed, `{"event_type": "b", "session_id": "first"}`)
		for i := range 200_000 {
			if _, err := fmt.Fprintf(feed, `{"event_type": "a", "session_id": "%d"}`+"\n", i); err != nil {
				return
			}
		}
	}()
	status, stdout, stderr := run(in, "filter", "-t", "b", "-m", "1", "-C", "1")
	if status != 0 || strings.Count(stdout, "\n") != 1 || stderr != "" {
		t.Errorf("status %d, %q, %q", status, stdout, stderr)
	}
}

// Merged files are in the order of a stable sort of all their events.
func TestSort(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)
	seeds := uint64(8)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 2))
		type event struct {
			at   time.Time
			line string
		}
		var all []event
		args := []string{"cat", "--sort"}
		dir := t.TempDir()
		for file := range 1 + r.IntN(12) {
			at := start
			var text strings.Builder
			for i := range r.IntN(4000) {
				at = at.Add(time.Duration(r.IntN(3)) * time.Millisecond)
				line := fmt.Sprintf(`{"event_type": "a", "file": %d, "n": %d, "timestamp": "%s", "x": "%s"}`+"\n",
					file, i, at.In(time.FixedZone("", r.IntN(5)*3600)).Format(time.RFC3339Nano), strings.Repeat("x", r.IntN(200)))
				all = append(all, event{at, line})
				text.WriteString(line)
			}
			path := filepath.Join(dir, fmt.Sprint(file))
			writeFile(t, path, text.String())
			args = append(args, path)
		}
		slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
		var want strings.Builder
		for _, e := range all {
			want.WriteString(e.line)
		}
		status, stdout, stderr := run(strings.NewReader(""), args...)
		if status != 0 || stdout != want.String() || stderr != "" {
			t.Errorf("%d files of %d events: status %d, %q; not in order", len(args)-2, len(all), status, stderr)
		}
	}
}

// A hostile log does not make a view use much memory or time. This test is not parallel,
// since the memory of other tests would count as well.
func TestHostileViews(t *testing.T) {
	if testing.Short() {
		t.Skip("takes streams of 400 MB")
	}
	const n = 20_000
	id := strings.Repeat("x", 20_000)
	for name, test := range map[string]struct {
		args string
		line func(i int) string
	}{
		"large ids": {"cat --format=tree", func(i int) string {
			return fmt.Sprintf(`{"event_type": "a", "session_id": "%d%s"}`, i%2000, id)
		}},
		"large ids and context": {"filter -t b -B 9", func(i int) string {
			return fmt.Sprintf(`{"event_type": "a", "session_id": "%d%s"}`, i%2000, id)
		}},
		"decisions": {"cat --format=tree", func(i int) string {
			eventType := events.TypeSandboxDecision
			switch {
			case i == 0:
				eventType = events.TypeToolPolicyDecision
			case i > n/2:
				eventType = events.TypeToolCallAttempt
			}
			return fmt.Sprintf(`{"event_type": "%s", "turn_id": "t", "tool_name": "rm", "action": "deny"}`, eventType)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			in, feed := io.Pipe()
			go func() {
				defer feed.Close()
				for i := range n {
					if _, err := io.WriteString(feed, test.line(i)+"\n"); err != nil {
						return
					}
				}
			}()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			streams := cmd.Streams{In: in, Out: io.Discard, Err: io.Discard}
			if status := cmd.Run(t.Context(), strings.Fields(test.args), streams); status != 0 {
				t.Errorf("status %d", status)
			}
			runtime.ReadMemStats(&after)
			if grown := int64(after.Sys) - int64(before.Sys); grown > 300<<20 {
				t.Errorf("%d MiB more memory", grown>>20)
			}
		})
	}
}
