package cmd_test

import (
	"bytes"
	"io"
	"testing"

	"auditctl/cmd"
)

// Commands allocate nothing per line: ten times the lines cost about as many
// allocations. The difference comes from blocks that are read ahead.
func TestNoAllocationForEachLine(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many lines")
	}
	session := []byte(readFile(t, "../testdata/session.jsonl"))
	few, many := bytes.Repeat(session, 100), bytes.Repeat(session, 1000)
	lines := float64(bytes.Count(many, []byte("\n")) - bytes.Count(few, []byte("\n")))
	for _, args := range [][]string{
		{"tee"},
		{"tee", "-q", "--route", "tool_*=-"},
		{"filter", "-t", "tool_call_*,error"},
		{"filter", "-p", "warning", "--since", "2026-03-09T08:15:00Z", "--session-id", "sess-b*"},
		{"filter", "-F", "duration_ms>100", "-F", "metadata.x!=1"},
		{"filter", "-c", "-v", "--tool-name", "grep"},
		{"filter", "-w", `.duration_ms > 100 or (.tool_name // "" | startswith("g")) and .none == null`},
		{"filter", "--redact-secrets", "--redact", "metadata.region,prompt_preview=length"},
		{"tee", "--redact-personal", "--redact", "session_id"},
		{"stats"},
		{"stats", "--by", "agent_id,metadata.region"},
	} {
		allocs := func(log []byte) float64 {
			return testing.AllocsPerRun(5, func() {
				s := cmd.Streams{In: bytes.NewReader(log), Out: io.Discard, Err: io.Discard}
				if status := cmd.Run(t.Context(), args, s); status != 0 {
					t.Fatalf("%v: exit status %d", args, status)
				}
			})
		}
		if each := (allocs(many) - allocs(few)) / lines; each > 0.01 {
			t.Errorf("%v: %.3f allocations for each line", args, each)
		}
	}
}
