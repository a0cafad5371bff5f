package event

import (
	"hash/maphash"

	"auditctl/pkg/dialect"
)

// A Memory remembers a value of type T for each of the last MaxCalls names it was given.
// The zero memory is ready to use. It keeps no name, only hashes of 128 bits.
type Memory[T any] struct {
	values map[nameHash]T
	order  []nameHash // a ring once it is full
	oldest int
}

type nameHash [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// HashOf returns the hash by which a Memory knows a name. It is another one in each process.
func HashOf(name []byte) nameHash {
	return nameHash{maphash.Bytes(seeds[0], name), maphash.Bytes(seeds[1], name)}
}

// Get returns the value of a name, and whether it is remembered.
func (m *Memory[T]) Get(name []byte) (T, bool) {
	v, ok := m.values[HashOf(name)]
	return v, ok
}

// Set remembers a value. If too many names are remembered, the one that was set first is
// forgotten.
func (m *Memory[T]) Set(name []byte, v T) {
	hash := HashOf(name)
	if _, ok := m.values[hash]; !ok {
		if m.values == nil {
			m.values = map[nameHash]T{}
		}
		if len(m.order) < dialect.MaxCalls {
			m.order = append(m.order, hash)
		} else {
			delete(m.values, m.order[m.oldest])
			m.order[m.oldest] = hash
			m.oldest = (m.oldest + 1) % dialect.MaxCalls
		}
	}
	m.values[hash] = v
}

// Add remembers a name and reports whether it is new.
func (m *Memory[T]) Add(name []byte) bool {
	_, known := m.Get(name)
	if !known {
		var zero T
		m.Set(name, zero)
	}
	return !known
}
