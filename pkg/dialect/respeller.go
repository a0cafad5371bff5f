package dialect

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

// A respeller spells records plainly, so that decoders may compare bytes: no character of
// ASCII is escaped without need, and no object has a key twice. Of such a key the last
// counts, as for all who read JSON: a record must not say one thing here and another
// elsewhere.
type respeller struct {
	text  []byte
	open  []openObject
	keys  []objectKey        // of the objects that are open
	many  map[keyHash]uint32 // where those of large objects are in keys
	again []span             // members whose keys come again
}

// An openObject is an object or array that is open: where it begins in the text, where its
// keys begin in keys, and a bit for the marks of its keys. The keys of an array are inArray.
type openObject struct {
	at, keys int
	seen     uint64
}

const inArray = -1

var keySeed = maphash.MakeSeed()

func (o openObject) hash(key []byte) keyHash { return keyHash{o.at, maphash.Bytes(keySeed, key)} }

// An objectKey is where a key begins in the text, and bytes of it by which most differ.
type objectKey struct{ at, mark uint32 }

// A span is a part of a text.
type span struct{ start, end int }

// A keyHash is a key of an object with more than fewKeys, which are compared one by one.
type keyHash struct {
	object int // where it begins in the text
	hash   uint64
}

const fewKeys = 32

// maxKept is for how many keys memory is kept for the next record.
const maxKept = 1 << 16

// plain returns the record that s scanned, spelled plainly, nil if it is so already.
func (r *respeller) plain(s *events.Scanner) (plain []byte) {
	record := s.Line()
	if !s.Plain() {
		record = events.Value(record[bytes.IndexByte(record, '{'):]).AppendSpelled(nil)
		plain = record
	}
	r.look(record)
	if len(r.again) == 0 {
		return plain
	}
	slices.SortFunc(r.again, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	rest, at := []byte{}, 0
	for _, s := range r.again {
		if s.start >= at { // else it is in one that is left out
			rest = append(rest, record[at:s.start]...)
			at = s.end
		}
	}
	return append(rest, record[at:]...)
}

// look looks for members whose keys come again, in a text that is spelled plainly.
func (r *respeller) look(text []byte) {
	r.text, r.open, r.keys, r.many, r.again = text, r.open[:0], r.keys[:0], nil, r.again[:0]
	if cap(r.keys) > maxKept {
		r.keys = nil
	}
	isKey := false // the next string is one
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			r.open = append(r.open, openObject{at: i, keys: len(r.keys)})
			isKey = true
		case '[':
			r.open = append(r.open, openObject{at: i, keys: inArray})
		case '}', ']':
			last := len(r.open) - 1
			if keys := r.open[last].keys; keys != inArray {
				r.keys = r.keys[:keys]
			}
			r.open = r.open[:last]
		case ',':
			isKey = r.open[len(r.open)-1].keys != inArray
		case '"':
			start := i + 1
			i = start + marks.Quote(text[start:])
			if isKey {
				r.key(start, i)
				isKey = false
			}
		}
	}
}

// key notes a key of the innermost object.
func (r *respeller) key(start, end int) {
	mark := uint32(end-start) << 24
	if start < end {
		mark |= uint32(r.text[start])<<16 | uint32(r.text[(start+end)/2])<<8 | uint32(r.text[end-1])
	}
	in := &r.open[len(r.open)-1]
	bit := uint64(1) << (mark * 0x9e3779b1 >> 26)
	if in.seen&bit != 0 { // seldom, unless the key comes again
		for n := min(len(r.keys), in.keys+fewKeys) - 1; n >= in.keys; n-- {
			if r.keys[n].mark == mark && r.isAt(n, r.text[start:end]) {
				r.comesAgain(n, start)
				break
			}
		}
	}
	in.seen |= bit
	r.keys = append(r.keys, objectKey{uint32(start), mark})
	if n := len(r.keys) - 1; n >= in.keys+fewKeys {
		r.keyOfMany(*in, n, r.text[start:end])
	}
}

// keyOfMany notes the nth key, one of an object with many.
func (r *respeller) keyOfMany(in openObject, n int, key []byte) {
	if r.many == nil {
		r.many = map[keyHash]uint32{}
	}
	hash := in.hash(key)
	if before, ok := r.many[hash]; ok && r.isAt(int(before), key) {
		r.comesAgain(int(before), int(r.keys[n].at))
	}
	r.many[hash] = uint32(n)
}

// isAt reports whether the nth key is this one.
func (r *respeller) isAt(n int, key []byte) bool {
	rest := r.text[r.keys[n].at:]
	return len(rest) > len(key) && rest[len(key)] == '"' && bytes.HasPrefix(rest, key)
}

// comesAgain notes that the nth key is there again, in the member whose key is at start.
func (r *respeller) comesAgain(n, start int) {
	if n+1 < len(r.keys) {
		start = int(r.keys[n+1].at)
	}
	r.again = append(r.again, span{int(r.keys[n].at) - 1, start - 1})
}
