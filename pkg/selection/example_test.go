package selection_test

import (
	"fmt"
	"time"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

func ExampleGlob() {
	g, err := selection.ParseGlob("tool_call_*")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(g.Match([]byte("tool_call_attempt")), g.Match([]byte("turn_start")))
	// Output: true false
}

// Predicates are put together with All and Not.
func ExamplePredicate() {
	types, err := selection.ParseGlobs("tool_call_*,error")
	if err != nil {
		fmt.Println(err)
		return
	}
	grep, err := selection.ParseGlobs("grep")
	if err != nil {
		fmt.Println(err)
		return
	}
	slow, err := selection.ParseField("duration_ms>100")
	if err != nil {
		fmt.Println(err)
		return
	}
	wanted := selection.All(
		selection.OneOf("event_type", types),
		selection.Not(selection.OneOf("tool_name", grep)),
		slow,
	)

	var s events.Scanner
	for _, line := range []string{
		`{"event_type": "tool_call_complete", "tool_name": "build", "duration_ms": 812.5}`,
		`{"event_type": "tool_call_complete", "tool_name": "grep", "duration_ms": 304.0}`,
		`{"event_type": "turn_end"}`,
	} {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(wanted(&s))
	}
	// Output:
	// true
	// false
	// false
}

func ExampleParseField() {
	inEurope, err := selection.ParseField("metadata.region~=^eu-")
	if err != nil {
		fmt.Println(err)
		return
	}
	var s events.Scanner
	if err := s.Scan([]byte(`{"event_type": "base", "metadata": {"region": "eu-west"}}`)); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(inEurope(&s))
	// Output: true
}

func ExampleParseSeverity() {
	from, to, err := selection.ParseSeverity("warning")
	fmt.Println(from, to, err)
	_, _, err = selection.ParseSeverity("error..info")
	fmt.Println(err)
	// Output:
	// warning critical <nil>
	// error is more severe than info: write info..error
}

func ExampleParseTime() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, text := range []string{"yesterday", "90m ago", "2026-01-01 12:00"} {
		t, _, err := selection.ParseTime(text, now, func() (*time.Location, error) { return time.UTC, nil })
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(t.Format(time.RFC3339))
	}
	// Output:
	// 2026-01-01T00:00:00Z
	// 2026-01-02T01:34:05Z
	// 2026-01-01T12:00:00Z
}
