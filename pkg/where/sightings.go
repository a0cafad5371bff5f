package where

import (
	"sync/atomic"

	"auditctl/pkg/events"
)

// Sightings tell which of some top-level keys no event had.
type sightings struct {
	keys []string
	seen []atomic.Bool
	left atomic.Int32 // how many were not seen
	any  atomic.Bool  // there was an event
}

func newSightings(keys []string) *sightings {
	k := &sightings{keys: keys, seen: make([]atomic.Bool, len(keys))}
	k.left.Store(int32(len(keys)))
	return k
}

func (k *sightings) note(s *events.Scanner) {
	if k.left.Load() == 0 {
		return
	}
	if !k.any.Load() {
		k.any.Store(true)
	}
	for i, key := range k.keys {
		if !k.seen[i].Load() && s.Lookup(key) != nil && !k.seen[i].Swap(true) {
			k.left.Add(-1)
		}
	}
}

// noteKeys notes the keys that some events had, of which has knows, and reports whether none
// is left.
func (k *sightings) noteKeys(has func(key string) bool) bool {
	for i, key := range k.keys {
		if !k.seen[i].Load() && has(key) && !k.seen[i].Swap(true) {
			k.left.Add(-1)
		}
	}
	return k.left.Load() == 0
}

func (k *sightings) unseen() []string {
	var keys []string
	for i, key := range k.keys {
		if k.any.Load() && !k.seen[i].Load() {
			keys = append(keys, key)
		}
	}
	return keys
}
