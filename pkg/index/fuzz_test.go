//go:build unix

package index_test

import (
	"os"
	"testing"

	"auditctl/pkg/index"
)

// An index of any content is opened or refused, and what is opened can be asked.
func FuzzOpen(f *testing.F) {
	dir := f.TempDir()
	path := dir + "/audit.jsonl"
	if err := os.WriteFile(path, []byte(lines(100, 3)), 0o600); err != nil {
		f.Fatal(err)
	}
	if _, err := index.Make(f.Context(), path, nil); err != nil {
		f.Skip(err)
	}
	data, err := os.ReadFile(index.Name(path))
	if err != nil {
		f.Fatal(err)
	}
	log, err := os.Open(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { log.Close() })
	f.Add(data)
	f.Add(data[:len(data)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		at := t.TempDir() + "/x.idx"
		if err := os.WriteFile(at, index.Repaired(data, log), 0o600); err != nil {
			t.Fatal(err)
		}
		ix, err := index.Open(log, at)
		if err != nil {
			return
		}
		defer ix.Close()
		for i := range ix.Blocks() {
			b := &ix.Blocks()[i]
			b.May("turn_id", "1")
			b.Values("event_type")
			if b.End <= b.Start {
				t.Errorf("block %d is from %d to %d", i, b.Start, b.End)
			}
		}
		if err := ix.Confirm(t.Context(), log); err == nil && ix.End() > 1<<20 {
			t.Error("longer than the log, and confirmed")
		}
	})
}
