//go:build unix

package cmd_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"auditctl/cmd"
)

// A stalledWriter takes only the first few bytes, and then blocks.
type stalledWriter struct {
	limit, n int
	gone     chan struct{}
	changed  bool // the bytes of the blocked write were modified
}

func (w *stalledWriter) Write(p []byte) (int, error) {
	if w.n += len(p); w.n <= w.limit {
		return len(p), nil
	}
	before := bytes.Clone(p)
	<-w.gone
	w.changed = !bytes.Equal(p, before)
	return 0, syscall.EPIPE
}

// A standard output that takes nothing is dropped, and the file gets everything. The bytes
// that it should take are not modified: they may still be written.
func TestStalledOutput(t *testing.T) {
	t.Parallel()
	lines := someLines(5_000)
	for _, limit := range []int{1, 1 << 16} {
		for _, args := range []string{"tee -j1", "filter -j1 -o - -o", "repair -j1 -o - -o", "cat -j1 -o - -o", "emit error --error-message " + strings.Repeat("x", 100_000) + " --timestamp 2026-03-09 -o - -o"} {
			path := filepath.Join(t.TempDir(), "a.jsonl")
			synctest.Test(t, func(t *testing.T) {
				out := &stalledWriter{limit: limit, gone: make(chan struct{})}
				var said bytes.Buffer
				status := cmd.Run(t.Context(), append(strings.Fields(args), path, "--stall-timeout", "50ms"), cmd.Streams{
					In: strings.NewReader(lines), Out: out, Err: &said,
				})
				if status != 2 || !strings.HasPrefix(said.String(), "auditctl: write stdout: took no data for 50ms\n") || strings.Count(said.String(), "50ms") > 1 {
					t.Errorf("%.20s: status %d, said %q", args, status, &said)
				}
				close(out.gone)
				synctest.Wait()
				if out.changed {
					t.Errorf("%.20s: the memory of a pending write was reused", args)
				}
			})
			if have := readFile(t, path); have != lines && (!strings.HasPrefix(args, "emit") || !strings.HasSuffix(have, "\n")) {
				t.Errorf("%.20s: the file is not complete", args)
			}
		}
	}
}
