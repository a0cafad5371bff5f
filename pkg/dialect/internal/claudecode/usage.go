package claudecode

import (
	"auditctl/pkg/events"
	"auditctl/pkg/internal/event"
)

// usageOf returns what message.usage says: one message is spread over several records, each
// with the usage so far. Claude does not count the tokens of the cache as input.
func usageOf(usage events.Value) (u event.Usage) {
	for key, v := range usage.Members() {
		switch string(key) {
		case "input_tokens":
			u.Input = event.Count(v)
		case "output_tokens":
			u.Output = event.Count(v)
		case "cache_read_input_tokens":
			u.CacheRead = event.Count(v)
		case "cache_creation_input_tokens":
			u.CacheWrite = event.Count(v)
		}
	}
	return u
}
