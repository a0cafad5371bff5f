package cmd_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// raceDetector reports whether the race detector is on, which takes memory of its own.
var raceDetector bool

// Memory does not grow with the length of the input.
func TestMemory(t *testing.T) {
	t.Parallel()
	if testing.Short() || raceDetector {
		t.Skip("takes a stream of 100 MB, and means nothing under the race detector")
	}
	const size, limit = 100 << 20, 40 << 20
	chunk := []byte(strings.Repeat(readFile(t, "../testdata/session.jsonl"), 100))
	for _, args := range []string{
		"tee /dev/null",
		"tee -q /dev/null --route tool_*=/dev/zero",
		"filter -t tool_* -F duration_ms>10",
		"cat --format=text --color=always",
		"filter -t error -B 100",
		"emit --stdin",
		"stats",
		"stats --by turn_id,tool_name",
	} {
		t.Run(args, func(t *testing.T) {
			in, feed := pipe(t)
			p := exec.Command("auditctl", strings.Fields(args)...)
			p.Stdin, p.Env = in, environment("GOMAXPROCS=2") // which limits what is read ahead
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			in.Close()
			for n := 0; n < size; n += len(chunk) {
				if _, err := feed.Write(chunk); err != nil {
					t.Fatal(err)
				}
			}
			peak := peakMemory(t, p.Process.Pid)
			feed.Close()
			if err := p.Wait(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d MiB", peak>>20)
			if peak > limit {
				t.Errorf("%d MiB, want at most %d", peak>>20, limit>>20)
			}
		})
	}
}

// peakMemory returns the most memory, in bytes, that a process ever had. Its rusage would
// include the memory of the test when it started the process.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if peak == nil {
		t.Skip("the system does not say")
	}
	n, err := strconv.Atoi(string(peak[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}
