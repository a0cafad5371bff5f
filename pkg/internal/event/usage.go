package event

import (
	"strconv"

	"auditctl/pkg/events"
)

// A Usage is a number of tokens of each kind: input without what came from a cache or was
// written to one, output, and what was read from and written to caches.
type Usage struct{ Input, Output, CacheRead, CacheWrite int64 }

// Since returns what u has more than an earlier count. If u has less of anything, the
// count began again, and all of u is new.
func (u Usage) Since(earlier Usage) Usage {
	if u.Input < earlier.Input || u.Output < earlier.Output ||
		u.CacheRead < earlier.CacheRead || u.CacheWrite < earlier.CacheWrite {
		return u
	}
	return Usage{u.Input - earlier.Input, u.Output - earlier.Output,
		u.CacheRead - earlier.CacheRead, u.CacheWrite - earlier.CacheWrite}
}

// most returns the larger number of each kind.
func (u Usage) most(v Usage) Usage {
	return Usage{max(u.Input, v.Input), max(u.Output, v.Output),
		max(u.CacheRead, v.CacheRead), max(u.CacheWrite, v.CacheWrite)}
}

// MetaUsage writes the metadata for tokens, where there are any.
func (w *Writer) MetaUsage(u Usage) {
	for _, tokens := range [...]struct {
		key string
		n   int64
	}{
		{"input_tokens", u.Input}, {"output_tokens", u.Output},
		{"cache_read_tokens", u.CacheRead}, {"cache_write_tokens", u.CacheWrite},
	} {
		if tokens.n > 0 {
			w.MetaInt(tokens.key, tokens.n)
		}
	}
}

// Count returns the number of things that v says, 0 if it is none. It is no larger than
// 1<<53, so that a few may be added.
func Count(v events.Value) int64 {
	const most = 1 << 53
	if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return min(max(n, 0), most)
	}
	if f, ok := v.Float(); ok {
		return int64(min(max(f, 0), most))
	}
	return 0
}

// Usages remembers what things used of which a log tells more than once, each time with
// what was used so far. The zero Usages is ready to use.
type Usages struct{ most Memory[Usage] }

// Added returns what u has more than was known of the thing with an id, and whether
// anything was. Without an id, that is all of u.
func (m *Usages) Added(id events.Value, u Usage) (added Usage, known bool) {
	if id.NonNull() == nil {
		return u, false
	}
	before, known := m.most.Get(id)
	now := before.most(u)
	m.most.Set(id, now)
	return now.Since(before), known
}

// TokensOf returns the usage that Gemini's numbers of tokens mean. The input includes what
// was cached; it does not include what tools added, nor the output thoughts, if the total
// says so.
func TokensOf(input, output, thoughts, cached, tool, total int64) Usage {
	if total == 0 || input+output+thoughts <= total {
		output += thoughts
	}
	if total == 0 || input+output+tool <= total {
		input += tool
	}
	return Usage{Input: max(0, input-cached), Output: output, CacheRead: cached}
}
