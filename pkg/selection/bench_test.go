package selection_test

import (
	"testing"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// The benchmarks measure predicates over one event that was scanned before.

func benchPredicate(b *testing.B, p selection.Predicate) {
	s := scan(b, ordinaryLine)
	b.ReportAllocs()
	for b.Loop() {
		if !p(s) {
			b.Fatal("the event is not wanted")
		}
	}
}

func BenchmarkType(b *testing.B) {
	for _, list := range []string{"tool_call_complete", "tool_call_*", "turn_*,*_decision,*_complete"} {
		b.Run(list, func(b *testing.B) { benchPredicate(b, selection.OneOf("event_type", globs(b, list))) })
	}
}

func BenchmarkSeverity(b *testing.B) {
	benchPredicate(b, selection.Severity(events.SeverityInfo, events.SeverityCritical))
}

func BenchmarkSince(b *testing.B) {
	benchPredicate(b, selection.Since(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
}

func BenchmarkField(b *testing.B) {
	for _, expr := range []string{"tool_name=read_file", "duration_ms>100", "metadata.region=eu-west", "tool_name~=^read_"} {
		b.Run(expr, func(b *testing.B) { benchPredicate(b, field(b, expr)) })
	}
}
