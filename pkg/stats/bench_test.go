package stats_test

import (
	"bytes"
	"os"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/stats"
)

// The benchmarks count a real log whose lines were scanned before.

func benchmark(b *testing.B, note func(dst []byte, s *events.Scanner) []byte, add func(notes []byte)) {
	log, err := os.ReadFile("../../testdata/session.jsonl")
	if err != nil {
		b.Fatal(err)
	}
	var scanned []*events.Scanner
	for line := range bytes.Lines(log) {
		s := new(events.Scanner)
		if err := s.Scan(bytes.TrimSuffix(line, []byte{'\n'})); err != nil {
			b.Fatal(err)
		}
		scanned = append(scanned, s)
	}
	var notes []byte
	b.ReportAllocs()
	for b.Loop() {
		notes = notes[:0]
		for _, s := range scanned {
			notes = note(notes, s)
		}
		add(notes)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(scanned)), "ns/event")
}

func BenchmarkSummary(b *testing.B) {
	var c stats.Summary
	benchmark(b, c.AppendNote, c.AddNotes)
}

func BenchmarkGroups(b *testing.B) {
	keys, err := selection.ParseKeys("agent_id,tool_name,metadata.region")
	if err != nil {
		b.Fatal(err)
	}
	g := stats.Groups{Keys: keys}
	benchmark(b, g.AppendNote, g.AddNotes)
}
