package dialect

import (
	"strconv"

	"auditctl/pkg/events"
)

// A usage is a number of tokens of each kind: input without what came from a cache or was
// written to one, output, and what was read from and written to caches.
type usage struct{ input, output, cacheRead, cacheWrite int64 }

// since returns what u has more than an earlier count. If u has less of anything, the
// count began again, and all of u is new.
func (u usage) since(earlier usage) usage {
	if u.input < earlier.input || u.output < earlier.output ||
		u.cacheRead < earlier.cacheRead || u.cacheWrite < earlier.cacheWrite {
		return u
	}
	return usage{u.input - earlier.input, u.output - earlier.output,
		u.cacheRead - earlier.cacheRead, u.cacheWrite - earlier.cacheWrite}
}

// most returns the larger number of each kind.
func (u usage) most(v usage) usage {
	return usage{max(u.input, v.input), max(u.output, v.output),
		max(u.cacheRead, v.cacheRead), max(u.cacheWrite, v.cacheWrite)}
}

// metaUsage writes the metadata for tokens, where there are any.
func (w *writer) metaUsage(u usage) {
	for _, tokens := range [...]struct {
		key string
		n   int64
	}{
		{"input_tokens", u.input}, {"output_tokens", u.output},
		{"cache_read_tokens", u.cacheRead}, {"cache_write_tokens", u.cacheWrite},
	} {
		if tokens.n > 0 {
			w.metaInt(tokens.key, tokens.n)
		}
	}
}

// count returns the number of things that v says, 0 if it is none. It is no larger than
// 1<<53, so that a few may be added.
func count(v events.Value) int64 {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return 0
	}
	return min(max(n, 0), 1<<53)
}

// tokensOf returns the usage that Gemini's numbers of tokens mean. The input includes what
// was cached; it does not include what tools added, nor the output thoughts, if the total
// says so.
func tokensOf(input, output, thoughts, cached, tool, total int64) usage {
	if total == 0 || input+output+thoughts <= total {
		output += thoughts
	}
	if total == 0 || input+output+tool <= total {
		input += tool
	}
	return usage{input: max(0, input-cached), output: output, cacheRead: cached}
}
