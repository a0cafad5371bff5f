//go:build unix

package cmd_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/pkg/index"
)

// When tee is killed, the index says nothing of a file that is not so, and the next tee goes on
// with both.
func TestKilledIndex(t *testing.T) {
	t.Parallel()
	want := someLines(20_000)
	input := filepath.Join(t.TempDir(), "input.jsonl")
	writeFile(t, input, want)
	grown := 0
	for range killings() / 4 {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.jsonl")
		killOnce(t, index.Name(path), 500, dir, input, nil, "tee", "-q", "--index", "a.jsonl")
		if holds := checkIndex(t, path); !holds {
			grown++
		}
		if status, _, stderr := run(strings.NewReader(want), "tee", "-q", "--index", path); status != 0 && status != 3 || strings.Contains(stderr, ".idx") {
			t.Errorf("after a kill: status %d, %s", status, stderr)
		}
		if !checkIndex(t, path) {
			t.Error("after a kill, the index of the next run does not hold")
		}
	}
	t.Logf("%d indexes did not hold", grown)
}

// checkIndex checks that the index of a log says what is so, and reports whether it holds.
func checkIndex(t *testing.T, path string) (holds bool) {
	t.Helper()
	log, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	ix, err := index.Open(log, index.Name(path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false
	case err != nil:
		t.Error(err)
		return false
	}
	defer ix.Close()
	holds = !ix.Grown()
	if err := ix.Confirm(t.Context(), log); err != nil {
		t.Error(err)
	}
	text := readFile(t, path)
	for i := range ix.Blocks() {
		b := &ix.Blocks()[i]
		if lines := strings.Count(text[b.Start:b.End], "\n"); int64(lines) != b.Lines {
			t.Errorf("a block has %d lines and says %d", lines, b.Lines)
		}
	}
	return holds
}
