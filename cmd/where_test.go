package cmd_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
)

// Failures are counted up to the last wanted event, however far the workers have read
// ahead, and none of them twice.
func TestWhereFailsUpToLimit(t *testing.T) {
	t.Parallel()
	failing := strings.Repeat(`{"event_type": "a", "tool": null}`+"\n", 10_000)
	wanted := `{"event_type": "b", "tool": "grep"}` + "\n"
	in := failing + wanted + failing + wanted + failing
	for _, test := range []struct {
		limit, failed int
	}{
		{1, 10_000},
		{2, 20_000},
		{3, 30_000},
	} {
		for range 3 {
			status, stdout, stderr := run(strings.NewReader(in), "filter", "-m", fmt.Sprint(test.limit), "-w", `.tool | startswith("g")`)
			want := fmt.Sprintf("auditctl: --where: the expression failed on %d events, the first: stdin:1: startswith(\"g\") cannot be applied to: null\n", test.failed)
			if status != 0 || stdout != strings.Repeat(wanted, min(test.limit, 2)) || stderr != want {
				t.Fatalf("-m %d: status %d, %.300q, %.300q", test.limit, status, stdout, stderr)
			}
		}
	}
	status, _, stderr := run(strings.NewReader(wanted+failing), "filter", "-m", "1", "--strict", "-w", `.tool | startswith("g")`)
	if status != 0 || stderr != "" {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// Events that gojq selects come in order.
func TestWhereInOrder(t *testing.T) {
	t.Parallel()
	var in, want strings.Builder
	for i := range 50_000 {
		line := fmt.Sprintf(`{"event_type": "a", "n": %d}`+"\n", i)
		in.WriteString(line)
		if i%3 == 0 {
			want.WriteString(line)
		}
	}
	status, stdout, stderr := run(strings.NewReader(in.String()), "filter", "-w", ".n % 3 == 0")
	if status != 0 || stdout != want.String() || stderr != "" {
		t.Errorf("status %d, %d bytes, want %d, %q", status, len(stdout), want.Len(), stderr)
	}
}

// A signal ends a run in which one step of an expression would take for ever.
func TestWhereSignal(t *testing.T) {
	t.Parallel()
	p := start(t, "auditctl", "filter", "--jobs", "1", "-w", "reduce range(99) as $i (1; [., .]) | . == .")
	// This is more than fits into the pipe, so some of it was read.
	p.feed(strings.Repeat(`{"event_type": "a"}`+"\n", 5000))
	p.Process.Signal(syscall.SIGTERM)
	p.exit(143, "")
}
