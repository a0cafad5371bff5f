package cmd_test

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"auditctl/cmd"
)

// An input that is one endless line takes about twice --max-line of memory, compressed or
// not, in every command, and whatever happens to the line.
func TestEndlessLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long lines")
	}
	const limit, slack = 8 << 20, 4 << 20
	text := strings.Repeat("a", 2*limit)
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	compressed := gzipped(t, text)
	for _, test := range []struct{ in, args string }{
		{compressed, "filter"},
		{compressed, "filter --rejects /dev/null"},
		{compressed, "filter -t nosuch -B 1"},
		{compressed, "tee -q"},
		{compressed, "stats"},
		{compressed, "emit --stdin"},
		{compressed, "repair"},
		{compressed, "cat --sort"},
		{compressed, "cat --format=tree"},
		{compressed, "cat --lines 1"},
		{text, "filter"},
		{text, "cat --format=text"},
		{text, "cat --lines 1"},
		{"", "cat --lines 1 " + plain},
	} {
		args := strings.ReplaceAll(test.args, plain, "FILE")
		reads := 1
		if args != test.args {
			reads = 2 // once to find the last lines, since the first ones do not tell what they are
		}
		t.Run(args, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, stderr := run(strings.NewReader(test.in), append(strings.Fields(test.args), "--max-line", "8M")...)
			runtime.ReadMemStats(&after)
			took := after.TotalAlloc - before.TotalAlloc
			if took > uint64(reads)*(2*limit+slack) {
				t.Errorf("%d MiB in all, for lines of up to %d", took>>20, limit>>20)
			}
			if !strings.Contains(stderr, ":1:1: line longer than ") {
				t.Errorf("%q", stderr)
			}
		})
	}
}

// The memory of a long line is freed after it was passed on, even if the input pauses.
func TestLongLineIsForgotten(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long lines")
	}
	const size = 4 << 20
	for _, args := range []string{"filter", "filter -A 1", "filter --rejects /dev/null", "cat --format=text", "tee"} {
		t.Run(args, func(t *testing.T) {
			in, feed := io.Pipe()
			passed, out := io.Pipe()
			ended := make(chan int, 1)
			go func() {
				ended <- cmd.Run(t.Context(), strings.Fields(args), cmd.Streams{In: in, Out: out, Err: io.Discard})
				out.Close()
			}()
			lines := bufio.NewReader(passed)
			pass := func(line string) {
				go io.WriteString(feed, line)
				for prefix := true; prefix; {
					var err error
					if _, prefix, err = lines.ReadLine(); err != nil {
						t.Error(err)
						return
					}
				}
			}
			before := heap()
			for range 6 {
				pass(`{"event_type": "a", "x": "` + strings.Repeat("x", size) + "\"}\n")
			}
			for range 2 { // when the second comes, all is done for the first
				pass(lineA)
			}
			if after := heap(); after > before+size/2 {
				t.Errorf("%d MiB are held", (after-before)>>20)
			}
			feed.Close()
			if status := <-ended; status != 0 {
				t.Errorf("status %d", status)
			}
		})
	}
}

// heap returns how many bytes are in use.
func heap() uint64 {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return now.HeapAlloc
}
