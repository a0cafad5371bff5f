package cmd

// A recent is a map that keeps what was used lately and forgets the rest, so that
// a log with ever new keys does not take ever more memory. The zero recent is
// ready.
type recent[V any] struct {
	// What was used lately, and what was before.
	young, old map[string]*V
	size       int // of the young keys

	forget func(*V) // called for what is forgotten; may be nil
}

// A recent has at most so many keys, and bytes of keys, twice.
const (
	maxRecent     = 1 << 16
	maxRecentSize = 4 << 20
)

// lookup returns what is kept for a key, nil if there is nothing.
func (r *recent[V]) lookup(key []byte) *V {
	if v := r.young[string(key)]; v != nil {
		return v
	}
	v := r.old[string(key)]
	if v != nil {
		delete(r.old, string(key))
		r.set(string(key), v)
	}
	return v
}

// set keeps v for a key.
func (r *recent[V]) set(key string, v *V) {
	if len(r.young) >= maxRecent || r.size > maxRecentSize {
		r.age()
	}
	if r.young == nil {
		r.young = map[string]*V{}
	}
	r.young[key] = v
	r.size += len(key)
}

// age forgets what was not used since it was called last.
func (r *recent[V]) age() {
	if r.forget != nil {
		for _, v := range r.old {
			r.forget(v)
		}
	}
	r.young, r.old, r.size = nil, r.young, 0
}
