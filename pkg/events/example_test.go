package events_test

import (
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"auditctl/pkg/events"
)

func ExampleNew() {
	call := events.NewToolCallComplete()
	call.Timestamp = time.Date(2026, 3, 9, 8, 14, 2, 0, time.UTC)
	call.TurnID = "1c80a3b1799d"
	call.ToolName = "grep"
	call.DurationMS = 12

	e, err := events.New(call)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", e.Line())
	// Output:
	// {"event_type": "tool_call_complete", "timestamp": "2026-03-09T08:14:02+00:00", "agent_id": null, "turn_id": "1c80a3b1799d", "session_id": null, "severity": "info", "metadata": {}, "tool_name": "grep", "status": "success", "duration_ms": 12.0, "result_preview": ""}
}

func ExampleComplete() {
	e, err := events.Complete([]byte(`{"tool_name":"grep","event_type":"tool_call_attempt","timestamp":"2026-03-09T09:14:02+01:00"}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", e.Line())

	_, err = events.Complete([]byte(`{"event_type":"turn_end","function_calls_count":"two"}`))
	fmt.Println(err)
	// Output:
	// {"event_type": "tool_call_attempt", "timestamp": "2026-03-09T08:14:02+00:00", "agent_id": null, "turn_id": null, "session_id": null, "severity": "info", "metadata": {}, "tool_name": "grep", "arguments_preview": ""}
	// column 49: function_calls_count: want an integer, have "two"
}

func ExampleEvent() {
	e, err := events.Parse([]byte(`{"event_type":"tool_call_failure","tool_name":"grep","error_type":"Timeout","metadata":{"region":"eu"}}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Type(), e.Lookup("tool_name"), e.Lookup("metadata").Lookup("region"))

	r, err := e.Record()
	if err != nil {
		log.Fatal(err)
	}
	switch r := r.(type) {
	case *events.ToolCallFailure:
		fmt.Println(r.ErrorType)
	}
	// Output:
	// tool_call_failure grep eu
	// Timeout
}

func ExampleReader_Events() {
	r := events.NewReader(strings.NewReader(`{"event_type":"turn_start"}
Traceback (most recent call last):
{"event_type":"turn_end"}
`))
	for e, err := range r.Events() {
		var invalid *events.SyntaxError
		switch {
		case errors.As(err, &invalid):
			fmt.Println("line", invalid.Line, "is invalid:", invalid.Reason)
		case err != nil:
			log.Fatal(err)
		default:
			fmt.Println(e.Type())
		}
	}
	// Output:
	// turn_start
	// line 2 is invalid: not a JSON object
	// turn_end
}

func ExampleReader_ReadBlock() {
	r := events.NewReader(strings.NewReader("{\"event_type\":\"turn_start\"}\n{\"event_type\":\"turn_end\"}"))
	var b events.Block
	for r.ReadBlock(&b) == nil {
		fmt.Printf("%q\n", b.Lines)
	}
	// Output:
	// "{\"event_type\":\"turn_start\"}\n"
	// "{\"event_type\":\"turn_end\"}\n"
}

func ExampleScanner() {
	var s events.Scanner
	for _, line := range []string{
		`{"event_type":"tool_call_attempt","tool_name":"grep"}`,
		`{"event_type":"turn_start","event_type":"error"}`,
		`{"event_type":"turn_end"`,
	} {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s %q\n", s.Text(s.Lookup("event_type")), s.Text(s.Lookup("tool_name")))
	}
	// Output:
	// tool_call_attempt "grep"
	// error ""
	// column 25: line ends where ',' or '}' should be
}

func ExampleMetadata() {
	turn := events.NewTurnStart()
	turn.Metadata.Set("region", "eu")
	turn.Metadata.Set("attempt", 1)
	turn.Metadata.Set("region", "us") // keeps its place
	turn.Metadata.Set("done", make(chan bool))

	e, err := events.New(turn)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Lookup("metadata").Lookup("region"), e.Lookup("metadata").Lookup("attempt"))
	fmt.Println("a channel is text:", e.Lookup("metadata").Lookup("done").Kind() == events.String)
	// Output:
	// us 1
	// a channel is text: true
}

// Deployment is an event of a program's own.
type Deployment struct {
	events.Envelope
	Service  string   `json:"service"`
	Replicas int      `json:"replicas"`
	Hosts    []string `json:"hosts"`
}

func ExampleRecord() {
	d := &Deployment{
		Envelope: events.NewEnvelope("deployment", events.SeverityInfo),
		Service:  "billing",
		Replicas: 3,
	}
	d.Timestamp = time.Date(2026, 3, 9, 8, 14, 2, 0, time.UTC)
	e, err := events.New(d)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n", e.Line())

	var read Deployment
	if err := e.Decode(&read); err != nil {
		log.Fatal(err)
	}
	fmt.Println(read.Service, read.Replicas)
	// Output:
	// {"event_type": "deployment", "timestamp": "2026-03-09T08:14:02+00:00", "agent_id": null, "turn_id": null, "session_id": null, "severity": "info", "metadata": {}, "service": "billing", "replicas": 3, "hosts": []}
	// billing 3
}

func ExampleSeverity() {
	fmt.Println(events.SeverityError.Rank() > events.SeverityWarning.Rank())
	fmt.Println(events.Severity("loud").Rank())
	// Output:
	// true
	// 0
}
