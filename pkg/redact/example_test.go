package redact_test

import (
	"fmt"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
)

func ExampleRedactor() {
	r, err := redact.New(redact.Options{
		Keys:        []redact.Keys{{Patterns: []string{"metadata.user"}, Mode: redact.Drop}},
		Rules:       rule.Secrets(),
		SecretNames: true,
	})
	if err != nil {
		panic(err)
	}
	for _, line := range []string{
		`{"event_type": "turn_start", "metadata": {"user": "ann", "n": 1.0}}`,
		`{"event_type": "tool_call_attempt", "arguments_preview": "{\"url\": \"https://bob:hunter2@example.com/\"}"}`,
		`{"event_type": "turn_end", "metadata": {"n": 1.0}}`,
	} {
		redacted, changed := r.Append(nil, []byte(line))
		if !changed {
			redacted = []byte(line)
		}
		fmt.Printf("%s\n", redacted)
	}
	fmt.Println(r.TakeCounts())
	// Output:
	// {"event_type": "turn_start", "metadata": {"n": 1.0}}
	// {"event_type": "tool_call_attempt", "arguments_preview": "{\"url\": \"https://bob:[redacted]@example.com/\"}"}
	// {"event_type": "turn_end", "metadata": {"n": 1.0}}
	// [{metadata.user 1} {url-password 1}]
}
