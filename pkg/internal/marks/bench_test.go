package marks

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// benchEachSet measures run, which goes over so many bytes, with each set of instructions of
// the machine.
func benchEachSet(b *testing.B, size int, run func()) {
	for _, set := range Sets() {
		b.Run(set.String(), func(b *testing.B) {
			defer Use(set)()
			b.SetBytes(int64(size))
			for b.Loop() {
				run()
			}
		})
	}
}

// BenchmarkFill marks the lines of a log.
func BenchmarkFill(b *testing.B) {
	log, err := os.ReadFile("../../../testdata/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	var w Window
	benchEachSet(b, len(log), func() {
		for rest := log; len(rest) > 0; {
			rest = rest[w.Fill(rest, 0)+1:]
		}
	})
}

// BenchmarkQuote finds the end of a string in which few quotes are escaped.
func BenchmarkQuote(b *testing.B) {
	text := []byte(strings.Repeat(`Read the file again and fix what \"go vet\" says of it, then run its tests and those of others.\n`, 20) + `"`)
	benchEachSet(b, len(text), func() {
		if Quote(text) != len(text)-1 {
			b.Fatal("a quote that is escaped")
		}
	})
}

// BenchmarkQuoteJSON finds the end of a string that holds JSON.
func BenchmarkQuoteJSON(b *testing.B) {
	text := append(bytes.Repeat([]byte(`{\"path\": \"pkg/events/scanner.go\", \"old\": \"a\\\\nb\"},`), 40), '"')
	benchEachSet(b, len(text), func() {
		if Quote(text) != len(text)-1 {
			b.Fatal("a quote that is escaped")
		}
	})
}
