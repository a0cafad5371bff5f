package index_test

import (
	"bytes"
	"os"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/index"
)

// What is said of lines takes little more time than to check them.
func BenchmarkTally(b *testing.B) {
	text, err := os.ReadFile("../../testdata/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	text = bytes.Repeat(text, 1<<20/len(text))
	b.Run("scan", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		var s events.Scanner
		for b.Loop() {
			for rest := text; len(rest) > 0; rest = rest[len(s.Line())+1:] {
				s.ScanFirst(rest)
			}
		}
	})
	b.Run("tally", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		var t index.Tally
		for b.Loop() {
			t.Add(text)
			t.Take(0, int64(len(text)))
		}
	})
}

// An index of 10,000 blocks, as 10 GB have, is opened and asked.
func BenchmarkOpen(b *testing.B) {
	path := b.TempDir() + "/audit.jsonl"
	text, err := os.ReadFile("../../testdata/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.Repeat(text, 40_000_000/len(text)), 0o600); err != nil {
		b.Fatal(err)
	}
	if _, err := index.Make(b.Context(), path, &index.Options{BlockSize: 4096}); err != nil {
		b.Skip(err)
	}
	log, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	ask := func(b *testing.B, key, value string) {
		for b.Loop() {
			ix, err := index.Open(log, index.Name(path))
			if err != nil {
				b.Fatal(err)
			}
			for i := range ix.Blocks() {
				if ix.Blocks()[i].May(key, value) {
					b.Errorf("block %d may have it", i)
				}
			}
			ix.Close()
		}
	}
	b.Run("listed", func(b *testing.B) { ask(b, "event_type", "none") })
	b.Run("hashed", func(b *testing.B) { ask(b, "session_id", "none at all") })
}
