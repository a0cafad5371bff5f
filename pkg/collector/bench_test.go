package collector_test

import (
	"io"
	"strings"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// benchLine has the length of a typical event.
var benchLine = sized(400)

func benchEvent(b *testing.B) events.Event {
	b.SetBytes(int64(len(benchLine) + 1))
	b.ReportAllocs()
	return parse(b, benchLine)
}

func benchEmit(b *testing.B, c collector.Collector) {
	e := benchEvent(b)
	for b.Loop() {
		if err := c.Emit(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSONLEmit(b *testing.B) {
	benchEmit(b, collector.NewJSONL(io.Discard))
}

// BenchmarkJSONLEmitLines emits blocks of a hundred lines.
func BenchmarkJSONLEmitLines(b *testing.B) {
	j := collector.NewJSONL(io.Discard)
	block := []byte(strings.Repeat(benchLine+"\n", 100))
	b.SetBytes(int64(len(block)))
	b.ReportAllocs()
	for b.Loop() {
		if err := j.EmitLines(block); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMemoryEmit(b *testing.B) {
	benchEmit(b, collector.NewMemory(1000))
}

// BenchmarkComposite emits to three children.
func BenchmarkComposite(b *testing.B) {
	all := collector.NewComposite()
	for range 3 {
		all.Add(collector.NewJSONL(io.Discard))
	}
	benchEmit(b, all)
}
