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
