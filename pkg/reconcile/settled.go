package reconcile

// A settled remembers the hashes of calls that left memory, at least the last MaxSettled.
type settled struct{ young, old hashes }

func (s *settled) add(hash uint64) {
	if s.young.count == MaxSettled {
		s.young, s.old = hashes{}, s.young
	}
	s.young.add(hash)
}

func (s *settled) has(hash uint64) bool { return s.young.has(hash) || s.old.has(hash) }

// hashes is a set of hashes other than 0, in a table of which at most a half is filled: each
// is at the place that its low bits say, or at the next free one.
type hashes struct {
	table []uint64
	count int
}

// find returns the place of a hash, or where it would be. The table must not be empty.
func (h *hashes) find(hash uint64) *uint64 {
	for i := hash; ; i++ {
		if p := &h.table[i&uint64(len(h.table)-1)]; *p == hash || *p == 0 {
			return p
		}
	}
}

func (h *hashes) has(hash uint64) bool { return h.count > 0 && *h.find(hash) == hash }

func (h *hashes) add(hash uint64) {
	if 2*h.count >= len(h.table) {
		before := h.table
		h.table = make([]uint64, max(1<<10, 2*len(before)))
		for _, other := range before {
			if other != 0 {
				*h.find(other) = other
			}
		}
	}
	if p := h.find(hash); *p == 0 {
		*p = hash
		h.count++
	}
}
