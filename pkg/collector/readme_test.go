package collector_test

import (
	"log"
	"os"

	"auditctl/pkg/collector"
	"auditctl/pkg/events"
)

// The README shows the body of this function.
var _ = func() error {
	out, err := collector.OpenJSONL("failures.jsonl", nil)
	if err != nil {
		return err
	}
	for event, err := range events.NewReader(os.Stdin).Events() {
		if err == nil && event.Type() == events.TypeToolCallFailure {
			err = out.Emit(event)
		}
		if err != nil {
			log.Print(err) // a line that is no event, or a destination that failed
		}
	}
	return out.Close()
}
