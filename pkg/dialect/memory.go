package dialect

import "hash/maphash"

// A memory remembers a value of type T for each of the last MaxCalls names it was given.
// The zero memory is ready to use. It keeps no name, only hashes of 128 bits.
type memory[T any] struct {
	values map[nameHash]T
	order  []nameHash // a ring once it is full
	oldest int
}

type nameHash [2]uint64

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

func hashOf(name []byte) nameHash {
	return nameHash{maphash.Bytes(seeds[0], name), maphash.Bytes(seeds[1], name)}
}

// get returns the value of a name, and whether it is remembered.
func (m *memory[T]) get(name []byte) (T, bool) {
	v, ok := m.values[hashOf(name)]
	return v, ok
}

// set remembers a value. If too many names are remembered, the one that was set first is
// forgotten.
func (m *memory[T]) set(name []byte, v T) {
	hash := hashOf(name)
	if _, ok := m.values[hash]; !ok {
		if m.values == nil {
			m.values = map[nameHash]T{}
		}
		if len(m.order) < MaxCalls {
			m.order = append(m.order, hash)
		} else {
			delete(m.values, m.order[m.oldest])
			m.order[m.oldest] = hash
			m.oldest = (m.oldest + 1) % MaxCalls
		}
	}
	m.values[hash] = v
}

// add remembers a name and reports whether it is new.
func (m *memory[T]) add(name []byte) bool {
	_, known := m.get(name)
	if !known {
		var zero T
		m.set(name, zero)
	}
	return !known
}
