// Package bounded has containers that keep only some of what is added, so that memory
// use does not grow with a log, however long or hostile it is.
package bounded

// An LRU is a map that keeps what was used lately and forgets the rest. It keeps at
// least the last 65,536 keys, unless these take more than 4 MiB, and at most twice as
// many. The zero LRU is ready to use. It is for one goroutine.
type LRU[V any] struct {
	Forget func(*V) // called for each value that is forgotten; may be nil

	// What was used since the last Age, and what was used before that.
	young, old map[string]*V
	size       int // of the young keys
}

// The most young keys, and the most bytes of these.
const (
	maxKeys = 1 << 16
	maxSize = 4 << 20
)

// Get returns the value of a key, nil if there is none.
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

// Set sets the value of a key to v, which must not be nil.
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

// Age forgets what was not used since the last Age. Set calls it when there is too much.
func (l *LRU[V]) Age() {
	if l.Forget != nil {
		for _, v := range l.old {
			l.Forget(v)
		}
	}
	l.young, l.old, l.size = nil, l.young, 0
}
