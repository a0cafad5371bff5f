package turns_test

import (
	"fmt"
	"strings"

	"auditctl/pkg/events"
	"auditctl/pkg/turns"
)

func ExampleGrouper() {
	const log = `{"event_type": "turn_start", "session_id": "s", "turn_id": "t", "prompt_preview": "look"}
{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "1", "arguments_preview": "a.txt"}
{"event_type": "tool_call_attempt", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2", "arguments_preview": "b.txt"}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "2", "duration_ms": 3}
{"event_type": "tool_call_complete", "session_id": "s", "turn_id": "t", "tool_name": "read_file", "call_id": "1", "duration_ms": 5}
{"event_type": "turn_end", "session_id": "s", "turn_id": "t"}
`
	var g turns.Grouper
	var s events.Scanner
	for line := range strings.Lines(log) {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
			continue
		}
		turn, _ := g.Add(&s)
		if turn == nil {
			continue
		}
		fmt.Println(turn.Start.Lookup("prompt_preview"))
		for _, n := range turn.Nodes {
			if c := n.Call; c != nil {
				ms, _ := c.Duration()
				fmt.Println(c.Tool, c.Attempt.Lookup("arguments_preview"), ms)
			}
		}
	}
	// Output:
	// look
	// read_file a.txt 5
	// read_file b.txt 3
}

func ExampleOpenCalls() {
	var open turns.OpenCalls[string]
	open.Begin([]byte("read_file"), []byte("1"), "a.txt")
	open.Begin([]byte("read_file"), []byte("2"), "b.txt")
	fmt.Println(open.End([]byte("read_file"), []byte("2")).Value)
	fmt.Println(open.Oldest().Value, "is open")
	// Output:
	// b.txt
	// a.txt is open
}

func ExampleCallID() {
	var s events.Scanner
	for _, line := range []string{
		`{"event_type": "tool_call_attempt", "call_id": "1"}`,
		`{"event_type": "tool_call_attempt", "metadata": {"tool_use_id": "2"}}`,
		`{"event_type": "tool_call_attempt", "call_id": ""}`,
	} {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%q\n", turns.CallID(&s))
	}
	// Output:
	// "1"
	// "2"
	// ""
}
