package cmd_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// An input that is one line without an end takes about twice --max-line, compressed or
// not, whoever reads it, and whatever becomes of the line.
func TestEndlessLine(t *testing.T) {
	const limit, slack = 8 << 20, 4 << 20
	text := strings.Repeat("a", 2*limit)
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	packed := gzipped(t, text)
	for _, test := range []struct{ in, args string }{
		{packed, "filter"},
		{packed, "filter --rejects /dev/null"},
		{packed, "filter -t nosuch -B 1"},
		{packed, "tee -q"},
		{packed, "stats"},
		{packed, "emit --stdin"},
		{packed, "repair"},
		{packed, "cat --sort"},
		{packed, "cat --format=tree"},
		{packed, "cat --lines 1"},
		{text, "filter"},
		{text, "cat --format=text"},
		{text, "cat --lines 1"},
		{"", "cat --lines 1 " + plain},
	} {
		args := strings.ReplaceAll(test.args, plain, "FILE")
		t.Run(args, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, stderr := run(strings.NewReader(test.in), append(strings.Fields(test.args), "--max-line", "8M")...)
			runtime.ReadMemStats(&after)
			took := after.TotalAlloc - before.TotalAlloc
			if took > 2*limit+slack {
				t.Errorf("%d MiB in all, for lines of up to %d", took>>20, limit>>20)
			}
			if !strings.Contains(stderr, ":1:1: line longer than ") {
				t.Errorf("%q", stderr)
			}
		})
	}
}
