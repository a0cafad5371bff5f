package events

import "encoding/binary"

// Real logs repeat a few layouts: what is between two values of a line, as
// in `, "turn_id": "`, was the same in earlier lines. The Scanner keeps these
// separators in a tree, a path for each layout, and takes a separator that is
// there with one comparison; only values are scanned. A separator that is not in
// the tree is scanned in the ordinary way and added.
//
// The tree changes how fast a line is scanned, never what is found in it: the
// same bytes in the same place of the grammar were checked before.

// Limits of the tree. What is beyond them is scanned in the ordinary way.
const (
	maxSeparators = 1024
	maxBranches   = 16
	maxSeparator  = 256 // bytes
	maxRecalled   = 16
	maxTogether   = 6
	maxWhole      = 24 // bytes of a separator that its words hold
)

// A separator is the bytes from the end of a value, or the start of the line,
// to the start of the next value; with the opening quote of a string.
type separator struct {
	bytes    string
	words    [maxWhole / 8]uint64 // the first bytes
	masks    [maxWhole / 8]uint64 // which bits of the words count
	member   member               // the key's place in bytes; no value
	isString bool
	next     []*separator // those that followed

	// Of lines that ended after this one.
	recalled  []recall    // what was looked up
	together  []recallAll // and what was looked up together
	eventType int         // which member has it, from 1; 0: unknown
}

// A recall is which member has a key. All lines that took the same path have
// the same keys in the same order.
type recall struct {
	key   string
	index int // -1: none has it
}

// A recallAll is which members have the keys of a slice.
type recallAll struct {
	keys    *string // the first of the slice
	indexes []int   // one for each; -1: none has it
	any     bool    // whether one has any
}

// scanLearned records members as long as the line looks like earlier ones. It
// returns the index after the last value, or -1, and the separator before it.
func (s *Scanner) scanLearned(b []byte) (i int, path *separator) {
	path = &s.layouts
	for {
		i, path = s.scanFrequent(b, i, path)
		sep := path.follow(b, i)
		if sep == nil {
			return i, path
		}
		m := s.newMember()
		m.key = uint32(i) + sep.member.key
		m.keyEnd = uint32(i) + sep.member.keyEnd
		m.escaped = sep.member.escaped
		i += len(sep.bytes)
		if sep.isString {
			m.val = uint32(i - 1)
			i, _ = s.scanString(b, i)
		} else {
			// White space may go on where a shorter separator was learned.
			i = skipSpace(b, i)
			m.val = uint32(i)
			i = s.scanValue(b, i)
		}
		if i < 0 {
			return -1, nil
		}
		m.valEnd = uint32(i)
		path = sep
	}
}

// follow returns the separator after p that b continues with at i, or nil. It
// moves that one forward, so that the more frequent ones come first.
func (p *separator) follow(b []byte, i int) *separator {
	for n, sep := range p.next {
		if len(b)-i >= len(sep.bytes) && string(b[i:i+len(sep.bytes)]) == sep.bytes {
			if n > 0 {
				p.next[n], p.next[n-1] = p.next[n-1], sep
			}
			return sep
		}
	}
	return nil
}

// scanFrequent is scanLearned for what is most frequent: plain strings of up to
// 64 bytes, and {}, after separators of up to maxWhole bytes. It makes no call
// that is not inlined, so that all it needs stays in registers, and gives up at
// anything else. It may look beyond b, up to cap(b).
func (s *Scanner) scanFrequent(b []byte, i int, path *separator) (int, *separator) {
	n := len(s.members)
	members := s.members[:cap(s.members)]
next:
	for n < len(members) && cap(b)-i >= maxWhole {
		p := (*[maxWhole]byte)(b[i : i+maxWhole])
		w0, w1, w2 := binary.LittleEndian.Uint64(p[0:]), binary.LittleEndian.Uint64(p[8:]), binary.LittleEndian.Uint64(p[16:])
		for _, sep := range path.next {
			if (w0^sep.words[0])&sep.masks[0]|(w1^sep.words[1])&sep.masks[1]|(w2^sep.words[2])&sep.masks[2] != 0 {
				continue
			}
			value := i + len(sep.bytes)
			if len(sep.bytes) > maxWhole || value+1 >= len(b) {
				break next
			}
			m := &members[n]
			if sep.isString {
				end := s.special.Near(value)
				if end >= len(b) || b[end] != '"' {
					break next
				}
				m.val = uint32(value - 1)
				value = end + 1
			} else {
				if b[value] != '{' || b[value+1] != '}' {
					break next
				}
				m.val = uint32(value)
				value += 2
			}
			m.key = uint32(i) + sep.member.key
			m.keyEnd = uint32(i) + sep.member.keyEnd
			m.valEnd = uint32(value)
			m.escaped = sep.member.escaped
			n++
			i = value
			path = sep
			continue next
		}
		break
	}
	s.members = members[:n]
	return i, path
}

// learn adds the separator of the member m after p, which began at start. It
// returns nil where the limits do not allow it.
func (s *Scanner) learn(p *separator, b []byte, start int, m *member) *separator {
	end := int(m.val)
	isString := b[end] == '"'
	if isString {
		end++
	}
	if p == nil || s.separators == maxSeparators || len(p.next) == maxBranches || end-start > maxSeparator {
		return nil
	}
	s.separators++
	sep := &separator{
		bytes:    string(b[start:end]),
		member:   member{key: m.key - uint32(start), keyEnd: m.keyEnd - uint32(start), escaped: m.escaped},
		isString: isString,
	}
	sep.words, sep.masks = firstWords(sep.bytes)
	p.next = append(p.next, sep)
	return sep
}

// firstWords returns the first bytes of text as words, and which of their bits
// are text.
func firstWords(text string) (words, masks [maxWhole / 8]uint64) {
	for i := range min(len(text), maxWhole) {
		words[i/8] |= uint64(text[i]) << (i % 8 * 8)
		masks[i/8] |= 0xff << (i % 8 * 8)
	}
	return words, masks
}

// find returns the last member with the key, or nil.
func (s *Scanner) find(key string) *member {
	i := s.recall(key)
	if i < 0 {
		return nil
	}
	return &s.members[i]
}

// findEventType is find for the key that every event is asked for.
func (s *Scanner) findEventType() *member {
	if s.path == nil {
		return s.find("event_type")
	}
	if s.path.eventType == 0 {
		s.path.eventType = 1 + s.lastIndex("event_type")
	}
	if s.path.eventType == 0 {
		return nil
	}
	return &s.members[s.path.eventType-1]
}

// recall returns what lastIndex does, from memory if an earlier line of the
// same layout was asked for the same key.
func (s *Scanner) recall(key string) int {
	if s.path == nil {
		return s.lastIndex(key)
	}
	for i := range s.path.recalled {
		if r := &s.path.recalled[i]; r.key == key {
			return r.index
		}
	}
	i := s.lastIndex(key)
	if len(s.path.recalled) < maxRecalled {
		s.path.recalled = append(s.path.recalled, recall{key, i})
	}
	return i
}

// recallAll returns what recall does for each of keys, and whether the line has any of
// them. It returns nil if there is no room to remember it.
func (s *Scanner) recallAll(keys []string) (indexes []int, any bool) {
	if s.path == nil || len(keys) == 0 {
		return nil, false
	}
	for i := range s.path.together {
		if r := &s.path.together[i]; r.keys == &keys[0] && len(r.indexes) == len(keys) {
			return r.indexes, r.any
		}
	}
	if len(s.path.together) == maxTogether {
		return nil, false
	}
	indexes = make([]int, len(keys))
	for i, key := range keys {
		indexes[i] = s.lastIndex(key)
		any = any || indexes[i] >= 0
	}
	s.path.together = append(s.path.together, recallAll{&keys[0], indexes, any})
	return indexes, any
}
