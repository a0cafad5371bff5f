package cmd_test

import (
	"runtime"
	"strings"
	"testing"
)

// A compressed input that is one line without an end takes about twice --max-line,
// whoever reads it, and whatever becomes of the line.
func TestEndlessLine(t *testing.T) {
	const limit, slack = 8 << 20, 4 << 20
	in := gzipped(t, strings.Repeat("a", 2*limit))
	for _, args := range []string{"filter", "filter --rejects /dev/null", "tee -q", "stats", "cat --sort"} {
		t.Run(args, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, stderr := run(strings.NewReader(in), append(strings.Fields(args), "--max-line", "8M")...)
			runtime.ReadMemStats(&after)
			took := after.TotalAlloc - before.TotalAlloc
			if took > 2*limit+slack {
				t.Errorf("%d MiB in all, for lines of up to %d", took>>20, limit>>20)
			}
			if !strings.HasPrefix(stderr, "auditctl: stdin:1:1: line longer than ") {
				t.Errorf("%q", stderr)
			}
		})
	}
}
