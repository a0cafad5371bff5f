package view_test

import (
	"testing"
	"time"

	"auditctl/cmd/internal/view"
)

// However deep agents are nested, no line is wider than the terminal.
func TestTreeFits(t *testing.T) {
	const log = `{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "task", "call_id": "1"}
{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2"}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2", "duration_ms": 5}
{"event_type": "tool_call_attempt", "session_id": "s", "agent_id": "a", "tool_name": "task", "call_id": "3", "metadata": {"parent_call_id": "1"}}
{"event_type": "tool_call_attempt", "session_id": "s", "agent_id": "b", "tool_name": "task", "call_id": "4", "metadata": {"parent_call_id": "3"}}
{"event_type": "note", "session_id": "s", "agent_id": "完完完完完", "metadata": {"parent_call_id": "4"}}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "task", "call_id": "1", "result_preview": "done"}
`
	const want = `session s
  turn t
  └┬ task      ok              …
   │ └─ agent a
   │    └─ task no end         …
   │       └─ agent b
   │          └─ task no end   …
   │             └─ agent 完完…
   │                └─ note
   └ read_file ok        5.0ms …
`
	v := view.NewTree(view.Options{Width: 32, Zone: time.UTC}, false)
	if have := string(v.Rest(v.Arrange(nil, []byte(log)))); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
}
