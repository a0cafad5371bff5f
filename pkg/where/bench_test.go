package where_test

import (
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
	"auditctl/pkg/where"
)

// The benchmarks measure predicates over one event that was scanned before.

const ordinaryLine = `{"event_type": "tool_call_complete", "timestamp": "2026-01-02T03:04:05.678901+00:00", "agent_id": "agent-1", "turn_id": "0a1b2c3d4e5f", "session_id": "session-42", "severity": "info", "metadata": {"region": "eu-west"}, "tool_name": "read_file", "status": "success", "duration_ms": 123.456, "result_preview": "ok", "content": [{"type": "text", "text": "I look."}, {"type": "tool_use", "name": "Bash"}]}`

func benchPredicate(b *testing.B, p selection.Predicate) {
	s := scan(b, ordinaryLine)
	b.ReportAllocs()
	for b.Loop() {
		if !p(s) {
			b.Fatal("the event is not wanted")
		}
	}
}

// BenchmarkField is what BenchmarkCompiled is measured against.
func BenchmarkField(b *testing.B) {
	for _, expr := range []string{"event_type=tool_call_complete", "duration_ms>100", "metadata.region=eu-west", "tool_name~=^read_"} {
		b.Run(expr, func(b *testing.B) {
			p, err := selection.ParseField(expr)
			if err != nil {
				b.Fatal(err)
			}
			benchPredicate(b, p)
		})
	}
}

func BenchmarkCompiled(b *testing.B) {
	for _, expr := range []string{
		`.event_type == "tool_call_complete"`,
		`.duration_ms > 100`,
		`.metadata.region == "eu-west"`,
		`.tool_name | test("^read_")`,
		`.event_type | IN("error", "tool_call_complete")`,
		`.severity == "info" and (.duration_ms > 1000 or (.tool_name | startswith("read_")))`,
		`.content[0].type == "text"`,
		`.content[-1].name == "Bash"`,
		`.content[]?.type == "tool_use"`,
		`any(.content[]?; .type == "tool_use" and (.name | startswith("B")))`,
		`.tool_name | length > 3`,
	} {
		b.Run(expr, func(b *testing.B) { benchExpr(b, expr) })
	}
}

func BenchmarkGojq(b *testing.B) {
	for _, expr := range []string{
		`.tool_name | utf8bytelength > 3`,
		`.severity == "info" and (.tool_name | utf8bytelength > 3)`,
		`[.agent_id, .session_id] | length == 2`,
		`keys | length > 3`,
		`.duration_ms + 1 > 3`,
		`.duration_ms * 2 + 1 > 3`,
		`.agent_id + "/" + .session_id == "agent-1/session-42"`,
		`"\(.agent_id)/\(.duration_ms)" == "agent-1/123.456"`,
		`reduce range(100) as $i (0; . + $i * 2) == 9900`,
	} {
		b.Run(expr, func(b *testing.B) { benchExpr(b, expr) })
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := where.Parse(`.severity == "info" and (.tool_name | startswith("read_"))`); err != nil {
			b.Fatal(err)
		}
	}
}

func benchExpr(b *testing.B, text string) {
	expr, err := where.Parse(text)
	if err != nil {
		b.Fatal(err)
	}
	benchPredicate(b, func(s *events.Scanner) bool {
		wanted, _ := expr.Eval(b.Context(), s)
		return wanted
	})
}
