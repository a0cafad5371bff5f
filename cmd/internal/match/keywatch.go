package match

import (
	"slices"
	"sync"
	"sync/atomic"

	"auditctl/cmd/internal/report"
	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// A keyWatch finds out whether any event has a key that a flag names, and which key
// resembles it.
type keyWatch struct {
	flag string
	key  selection.Key
	any  atomic.Bool // there was an event
	met  atomic.Bool // it had the key

	blind bool // there were events of which it is not known whether they had the key

	known string // a known key that the first step of the key resembles; "": none

	mu   sync.Mutex
	like likeness // of the last step
}

func newKeyWatch(flag string, key selection.Key) *keyWatch {
	return &keyWatch{flag: flag, key: key, known: Similar(key[0], KnownKeys()), like: likeness{typed: key[len(key)-1]}}
}

// note looks for the key in the event that s scanned. If the event lacks it and is
// sampled, it looks for similar keys.
func (w *keyWatch) note(s *events.Scanner, sampled bool) {
	switch {
	case w.met.Load():
	case w.key.Value(s) != nil:
		w.met.Store(true)
	default:
		if !w.any.Load() {
			w.any.Store(true)
		}
		if sampled && w.known == "" {
			w.sample(s)
		}
	}
}

// noteBlock looks for the key in a block that was not read.
func (w *keyWatch) noteBlock(b *index.Block) {
	switch {
	case b.Events == 0 || w.met.Load():
	case len(w.key) == 1 && some(b, w.key[0]):
		w.met.Store(true)
	default:
		w.blind = true
	}
}

// some reports whether an event of a block is known to have a key.
func some(b *index.Block, key string) bool {
	values, _ := b.Values(key)
	return len(values) > 0 || key == "timestamp" && b.Timed+b.Untimed > 0
}

// sample looks at the keys in the place of the key.
func (w *keyWatch) sample(s *events.Scanner) {
	members := s.Members()
	if last := len(w.key) - 1; last > 0 {
		members = w.key[:last].Value(s).Members()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for key := range members {
		w.like.consider(key)
	}
}

// end reports if there were events and none had the key. A similar key from the events is
// named only if these may be quoted.
func (w *keyWatch) end(reports *report.Reporter, quote bool) {
	if w.met.Load() || !w.any.Load() {
		return
	}
	like, hint := slices.Clone(w.key), ""
	if w.known != "" {
		like[0] = w.known
	} else if w.like.best != "" && quote {
		like[len(like)-1] = w.like.best
	}
	if !slices.Equal(like, w.key) {
		hint = ": did you mean " + report.Readable(like.String()) + "?"
	}
	reports.Printf("--%s: no event had the key %s%s", w.flag, report.Readable(w.key.String()), hint)
}

// KnownKeys returns the keys of all types.
func KnownKeys() []string {
	keys := events.EnvelopeKeys()
	for _, t := range events.Types() {
		for _, k := range events.Keys(t) {
			keys = append(keys, k.Name)
		}
	}
	return keys
}
