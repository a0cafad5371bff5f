package stats

import (
	"iter"
	"math/bits"
	"math/rand/v2"
)

// A bucket counts durations that differ by less than 1 %.
type bucket struct {
	key   uint64
	count int64 // 0: there is no such bucket
	max   float64
}

// buckets are the buckets of a name, by key: a map would take most of the time that it
// takes to count a call.
type buckets struct {
	slots []bucket // a power of two; a bucket is in the first free one from that of its key on
	used  int
}

// factor is random, so that no log can choose keys that meet.
var factor = rand.Uint64() | 1

// at returns the bucket of a key, which is to be filled if its count is 0.
func (b *buckets) at(key uint64) *bucket {
	if 4*b.used >= 3*len(b.slots) {
		b.grow()
	}
	i := key * factor >> (64 - bits.Len(uint(len(b.slots)-1)))
	for b.slots[i].count > 0 && b.slots[i].key != key {
		i = (i + 1) & uint64(len(b.slots)-1)
	}
	found := &b.slots[i]
	if found.count == 0 {
		found.key = key
		b.used++
	}
	return found
}

func (b *buckets) grow() {
	old := *b
	b.slots, b.used = make([]bucket, max(4, 2*len(old.slots))), 0
	for kept := range old.all() {
		*b.at(kept.key) = kept
	}
}

// all yields the buckets, in any order.
func (b *buckets) all() iter.Seq[bucket] {
	return func(yield func(bucket) bool) {
		for _, kept := range b.slots {
			if kept.count > 0 && !yield(kept) {
				return
			}
		}
	}
}
