package index

import (
	"hash/crc32"
	"io"
	"math/bits"
	"sync"
)

// A filter is a Bloom filter of the ids in a block: it may take one that is not there for one
// that is, but not the other way round.
type filter struct {
	bits []byte
	many bool // there are too many ids for a filter

	// Where it is in the file of the index, if it is to be read from there.
	at   int64
	size int
	sum  uint32
}

const (
	bitsPerID   = 16
	fewestBits  = 4 // for each id; with fewer it would hardly tell anything
	probes      = 6
	filterUnit  = 8   // bytes, of which the size is a multiple
	filterShare = 256 // of a block's length, a filter takes no more than this part
	maxFilter   = blockSize / filterShare
	maxDistinct = maxFilter * 8 / fewestBits
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// hashOf returns the hash of a text of one of the keys in the filter.
func hashOf[T string | []byte](key int, text T) uint64 {
	h := uint64(14695981039346656037) + uint64(key) // FNV-1a
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * 1099511628211
	}
	// Mixed, since all bits are used.
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// may reports whether an id with a hash may be in the filter. in is the index that it is from.
func (f *filter) may(in *Index, hash uint64) (found bool) {
	switch {
	case f.many:
		return true
	case f.size == 0:
		return false
	case f.bits != nil:
		return has(f.bits, hash)
	}
	found = true // also if it cannot be read
	in.withFilter(f, func(bits []byte) { found = has(bits, hash) })
	return found
}

// has reports whether a filter has all bits that a hash sets.
func has(set []byte, hash uint64) bool {
	found := true
	eachBit(set, hash, func(at uint64) { found = found && set[at/8]&(1<<(at%8)) != 0 })
	return found
}

// eachBit calls do with the bits that a hash sets in a filter.
func eachBit(set []byte, hash uint64, do func(at uint64)) {
	step := hash<<32 | 1<<32 // by the lower half: a place depends on the upper one
	for range probes {
		at, _ := bits.Mul64(hash, uint64(len(set))*8)
		do(at)
		hash += step
	}
}

// An idSet is the hashes of the ids in a block.
type idSet struct {
	slots []uint64 // a hash table of them; zero: empty
	zero  bool     // one is zero
	n     int
	many  bool
}

func (s *idSet) add(hash uint64) {
	if s.many {
		return
	}
	if hash == 0 {
		s.zero = true
		return
	}
	if s.slots == nil {
		s.slots = make([]uint64, 2*maxDistinct)
	}
	i := hash % uint64(len(s.slots))
	for ; s.slots[i] != 0; i = (i + 1) % uint64(len(s.slots)) {
		if s.slots[i] == hash {
			return
		}
	}
	if s.many = s.n == maxDistinct; !s.many {
		s.slots[i] = hash
		s.n++
	}
}

// take returns the filter of the ids, for a block of some length, and empties the set.
func (s *idSet) take(length int64) filter {
	n := s.n
	if s.zero {
		n++
	}
	size := min((n*bitsPerID+7)/8, int(max(length, smallBlock)/filterShare), maxFilter)
	f := filter{many: s.many || n*fewestBits > size*8}
	if n > 0 && !f.many {
		f.bits = make([]byte, (size+filterUnit-1)/filterUnit*filterUnit)
		set := func(hash uint64) { eachBit(f.bits, hash, func(at uint64) { f.bits[at/8] |= 1 << (at % 8) }) }
		for _, hash := range s.slots {
			if hash != 0 {
				set(hash)
			}
		}
		if s.zero {
			set(0)
		}
	}
	f.size, f.sum = len(f.bits), crc32.Checksum(f.bits, castagnoli)
	clear(s.slots)
	s.zero, s.n, s.many = false, 0, false
	return f
}

// A window is a part of the file of an index that was read for a filter in it. Whoever asks
// for one will soon ask for those that come after it.
type window struct {
	mu   sync.Mutex
	at   int64
	text []byte
}

const windowSize = 256 << 10

// withFilter calls do with the bits of a filter, unless these cannot be read. do must not keep
// them.
func (ix *Index) withFilter(f *filter, do func(bits []byte)) {
	w := &ix.window
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.at < w.at || f.at+int64(f.size) > w.at+int64(len(w.text)) {
		if w.text == nil {
			w.text = make([]byte, 0, windowSize)
		}
		n, err := ix.file.ReadAt(w.text[:cap(w.text)], f.at)
		if w.at, w.text = f.at, w.text[:n]; err != nil && err != io.EOF || n < f.size {
			return
		}
	}
	bits := w.text[f.at-w.at:][:f.size]
	if crc32.Checksum(bits, castagnoli) == f.sum {
		do(bits)
	}
}
