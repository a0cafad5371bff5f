// Package bounded has containers that keep only some of what is put into them, so that
// a log, however long or hostile, does not take ever more memory.
package bounded

// An LRU is a map that keeps what was used lately and forgets the rest: that is at
// least the last 65,536 keys, unless these take more than 4 MiB, and at most twice
// that. The zero LRU is ready. It is for one goroutine.
type LRU[V any] struct {
	Forget func(*V) // called for what is forgotten; may be nil

	// What was used lately, and what was before.
	young, old map[string]*V
	size       int // of the young keys
}

// Of the young keys: how many, and how many bytes.
const (
	maxKeys = 1 << 16
	maxSize = 4 << 20
)

// Get returns what is kept for a key, nil if there is nothing.
func (l *LRU[V]) Get(key []byte) *V {
	if v := l.young[string(key)]; v != nil {
		return v
	}
	v := l.old[string(key)]
	if v != nil {
		delete(l.old, string(key))
		l.Set(string(key), v)
	}
	return v
}

// Set keeps v, which is not nil, for a key.
func (l *LRU[V]) Set(key string, v *V) {
	if len(l.young) >= maxKeys || l.size > maxSize {
		l.Age()
	}
	if l.young == nil {
		l.young = map[string]*V{}
	}
	l.young[key] = v
	l.size += len(key)
}

// Age forgets what was not used since this happened last. Set does so when there is
// too much.
func (l *LRU[V]) Age() {
	if l.Forget != nil {
		for _, v := range l.old {
			l.Forget(v)
		}
	}
	l.young, l.old, l.size = nil, l.young, 0
}
