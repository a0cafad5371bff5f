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
	maxWhole      = 32  // bytes of a separator that its words hold
)

// A separator is the bytes from the end of a value, or the start of the line,
// to the start of the next value; with the opening quote of a string.
type separator struct {
	words    [maxWhole / 8]uint64 // the first bytes
	masks    [maxWhole / 8]uint64 // which bits of the words count
	next     *separator           // one that followed
	beside   *separator           // another one that followed the same
	length   int                  // of bytes
	isString bool

	bytes       string
	key, keyEnd uint32 // where the key is in bytes
	value       uint32 // and where the value begins
	escaped     bool   // the key is spelled with escapes
	before      *separator
	branches    int     // how many followed
	layout      *layout // of lines that ended after this one, if they were asked for something
}

// scanLearned records members from i on as long as the line looks like earlier ones. It
// returns the index after the last value, or -1, and the separator before it.
func (s *Scanner) scanLearned(b []byte, i int, path *separator) (int, *separator) {
	for {
		i, path = s.walk(b, i, path)
		sep := path.follow(b, i)
		if sep == nil {
			return i, path
		}
		if i += sep.length; sep.isString {
			i, _ = s.scanString(b, i)
		} else {
			// White space may go on where a shorter separator was learned.
			i = s.scanValue(b, skipSpace(b, i))
		}
		if i < 0 {
			return -1, nil
		}
		s.ends = append(s.ends, uint32(i))
		path = sep
	}
}

// follow returns the separator after p that b continues with at i, or nil. It
// moves that one to the front, so that the more frequent ones come first.
func (p *separator) follow(b []byte, i int) *separator {
	for at := &p.next; *at != nil; at = &(*at).beside {
		sep := *at
		if len(b)-i >= sep.length && string(b[i:i+sep.length]) == sep.bytes {
			if sep != p.next {
				*at, sep.beside, p.next = sep.beside, p.next, sep
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
	n := len(s.ends)
	ends := s.ends[:cap(s.ends)]
next:
	for n < len(ends) && cap(b)-i >= maxWhole {
		p := (*[maxWhole]byte)(b[i : i+maxWhole])
		w0, w1 := binary.LittleEndian.Uint64(p[0:]), binary.LittleEndian.Uint64(p[8:])
		w2, w3 := binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:])
		for sep := path.next; sep != nil; sep = sep.beside {
			if (w0^sep.words[0])&sep.masks[0]|(w1^sep.words[1])&sep.masks[1]|
				(w2^sep.words[2])&sep.masks[2]|(w3^sep.words[3])&sep.masks[3] != 0 {
				continue
			}
			value := i + sep.length
			if sep.length > maxWhole || value+1 >= len(b) {
				break next
			}
			if sep.isString {
				value = s.special.Near(value)
				if value >= len(b) || b[value] != '"' {
					break next
				}
				i = value + 1
			} else {
				if b[value] != '{' || b[value+1] != '}' {
					break next
				}
				i = value + 2
			}
			ends[n] = uint32(i)
			n++
			path = sep
			continue next
		}
		break
	}
	s.ends = ends[:n]
	return i, path
}

// add records the member m, which follows those of path and whose separator began at
// start, and returns the separator: nil where the limits do not allow another one.
func (s *Scanner) add(path *separator, b []byte, start int, m member) *separator {
	if path != nil {
		if sep := s.learn(path, b, start, m); sep != nil {
			s.ends = append(s.ends, m.valEnd)
			return sep
		}
		s.appendMembers(path)
	}
	s.members = append(s.members, m)
	return nil
}

// learn adds the separator of the member m after p, which began at start. It
// returns nil where the limits do not allow it.
func (s *Scanner) learn(p *separator, b []byte, start int, m member) *separator {
	end := int(m.val)
	isString := b[end] == '"'
	if isString {
		end++
	}
	if s.separators == maxSeparators || p.branches == maxBranches || end-start > maxSeparator {
		return nil
	}
	s.separators++
	sep := &separator{
		bytes:    string(b[start:end]),
		length:   end - start,
		isString: isString,
		key:      m.key - uint32(start),
		keyEnd:   m.keyEnd - uint32(start),
		value:    m.val - uint32(start),
		escaped:  m.escaped,
		before:   p,
	}
	sep.words, sep.masks = firstWords(sep.bytes)
	last := &p.next
	for *last != nil {
		last = &(*last).beside
	}
	*last = sep
	p.branches++
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
