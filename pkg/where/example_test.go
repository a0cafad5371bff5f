package where_test

import (
	"context"
	"fmt"

	"auditctl/pkg/events"
	"auditctl/pkg/where"
)

func ExampleExpr() {
	slow, err := where.Parse(`.duration_ms > 1000 and (.tool_name | startswith("shell_"))`)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	var s events.Scanner
	for _, line := range []string{
		`{"event_type": "tool_call_complete", "tool_name": "shell_exec", "duration_ms": 1873.936}`,
		`{"event_type": "tool_call_complete", "tool_name": "read_file", "duration_ms": 2012.5}`,
		`{"event_type": "tool_call_complete", "tool_name": null, "duration_ms": 3400}`,
	} {
		if err := s.Scan([]byte(line)); err != nil {
			fmt.Println(err)
			continue
		}
		wanted, err := slow.Eval(ctx, &s)
		if err != nil {
			err = slow.Failure(ctx, &s)
		}
		fmt.Println(wanted, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// false startswith("shell_") cannot be applied to: null
}

func ExampleExpr_Unseen() {
	expr, err := where.Parse(`.tool_nam == "grep"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	var s events.Scanner
	if err := s.Scan([]byte(`{"event_type": "tool_call_attempt", "tool_name": "grep"}`)); err != nil {
		fmt.Println(err)
		return
	}
	expr.Note(&s)
	fmt.Println(expr.Unseen())
	// Output: [tool_nam]
}

func ExampleParse() {
	_, err := where.Parse(`.event_type == "error" and and`)
	fmt.Println(err)
	// Output: column 28: unexpected token "and"
}
