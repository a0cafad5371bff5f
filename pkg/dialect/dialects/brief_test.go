package dialects_test

import (
	"bytes"
	"strings"
	"testing"

	"auditctl/pkg/dialect/dialects"
	"auditctl/pkg/events"
)

// brief decodes some logs, one after another, and returns a line for each event: its type,
// and what else it has of the keys that tests look at.
func brief(t *testing.T, name string, logs ...string) string {
	t.Helper()
	var told []string
	newDecoder := dialects.Named(name).Begin()
	for _, log := range logs {
		decoded, refused := decode(t, newDecoder(), []byte(log))
		if refused > 0 {
			told = append(told, "refused")
		}
		areEvents(t, dialects.Named(name), decoded)
		for line := range bytes.Lines(decoded) {
			told = append(told, briefly(t, line))
		}
	}
	return strings.Join(told, "\n")
}

func briefly(t *testing.T, line []byte) string {
	e, err := events.Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{e.Type()}
	for _, key := range []string{"agent_id", "turn_id", "tool_name", "status", "action", "error_type", "function_calls_count", "to_agent"} {
		if v := e.Lookup(key).NonNull(); v != nil && v.String() != "" {
			words = append(words, v.String())
		}
	}
	for _, key := range []string{"call_id", "parent_call_id", "decided_by", "guess", "exit_code", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "copied"} {
		if v := e.Lookup("metadata").Lookup(key); v != nil {
			words = append(words, key+"="+v.String())
		}
	}
	if e.Lookup("severity").String() == "error" && e.Type() != events.TypeToolCallFailure && e.Type() != events.TypeError {
		words = append(words, "(error)")
	}
	return strings.Join(words, " ")
}
