package claudecode

import (
	"auditctl/pkg/dialect/internal/event"
	"auditctl/pkg/events"
)

// A claudeUsage is how many tokens a message took: by input, output, reading and writing
// of the cache. Claude does not count those of the cache as input.
type claudeUsage [4]int64

// usageOf returns what message.usage says. What is no number of tokens is 0.
func usageOf(usage events.Value) (u claudeUsage) {
	for key, v := range usage.Members() {
		i := 0
		switch string(key) {
		case "input_tokens":
		case "output_tokens":
			i = 1
		case "cache_read_input_tokens":
			i = 2
		case "cache_creation_input_tokens":
			i = 3
		default:
			continue
		}
		if n, ok := v.Float(); ok && 0 <= n && n < 1<<53 {
			u[i] = int64(n)
		}
	}
	return u
}

// write writes the tokens as metadata, those that are 0 left out.
func (u claudeUsage) write(w *event.Writer) {
	for i, key := range [...]string{"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"} {
		if u[i] > 0 {
			w.MetaInt(key, u[i])
		}
	}
}

// added returns what the usage of a record adds to that of its message: one message is
// spread over several records, each with the usage so far.
func (run *run) added(id, usage events.Value) claudeUsage {
	u := usageOf(usage)
	if id.NonNull() == nil {
		return u
	}
	most, _ := run.messages.Get(id)
	var more claudeUsage
	for i := range u {
		more[i] = max(0, u[i]-most[i])
		most[i] += more[i]
	}
	run.messages.Set(id, most)
	return more
}
