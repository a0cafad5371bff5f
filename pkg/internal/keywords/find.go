package keywords

import "encoding/binary"

// In reports whether a keyword is in text.
func (f *Finder) In(text []byte) bool {
	return !f.Each(text, func(int, int) bool { return false })
}

// Each calls found with the index of each keyword that is in text, and where it is there,
// until found returns false, which Each then returns. Places are not always in order.
func (f *Finder) Each(text []byte, found func(word, at int) bool) bool {
	if len(f.words) == 0 {
		return true
	}
	const mask = 1<<(2*codeBits) - 1
	pairs := &f.pairs
	i := 0
	if len(text) >= 16 {
		var v0, v1 uint16 // of the pairs at i and i+1
		v0 = pairs[pairAt(text, 0)]
		v1 = pairs[pairAt(text, 1)]
		for ; i+12 <= len(text); i += 8 {
			// Of the bytes from i+2 on, the codes of pairs at even and at odd places.
			x := binary.LittleEndian.Uint64(text[i+2:])
			y := x&0x1f1f1f1f1f1f1f1f | x>>1&0x2020202020202020
			even, odd := y&0x003f003f003f003f, y>>8&0x003f003f003f003f
			last := uint64(code(text[i+10]))
			a := even | odd<<codeBits
			b := odd | even>>16<<codeBits | last<<(48+codeBits)
			v2, v3 := pairs[a&mask], pairs[b&mask]
			v4, v5 := pairs[a>>16&mask], pairs[b>>16&mask]
			v6, v7 := pairs[a>>32&mask], pairs[b>>32&mask]
			v8, v9 := pairs[a>>48&mask], pairs[b>>48&mask]
			c0, c1, c2, c3 := v0&(v2>>8), v1&(v3>>8), v2&(v4>>8), v3&(v5>>8)
			c4, c5, c6, c7 := v4&(v6>>8), v5&(v7>>8), v6&(v8>>8), v7&(v9>>8)
			if c0|c1|c2|c3|c4|c5|c6|c7 != 0 {
				for j, c := range [8]uint16{c0, c1, c2, c3, c4, c5, c6, c7} {
					if c != 0 && !f.compare(text, i+j, c, found) {
						return false
					}
				}
			}
			v0, v1 = v8, v9
		}
	}
	for ; i < len(text); i++ {
		c := pairs[pairAt(text, i)] & (pairs[pairAt(text, i+2)] >> 8)
		if c != 0 && !f.compare(text, i, c, found) {
			return false
		}
	}
	return true
}

// pairAt returns the codes of the two bytes of text at i, as if it had zeros after it.
func pairAt(text []byte, i int) uint {
	pair := uint(0)
	if i < len(text) {
		pair = code(text[i])
	}
	if i+1 < len(text) {
		pair |= code(text[i+1]) << codeBits
	}
	return pair
}

// compare calls found with the words of these buckets whose fragment is at i.
func (f *Finder) compare(text []byte, i int, buckets uint16, found func(word, at int) bool) bool {
	if buckets&(1<<tiny) != 0 {
		for _, k := range f.tiny {
			if f.words[k].at(text, i) && !found(k, i) {
				return false
			}
		}
	}
	all := pairAt(text, i) | pairAt(text, i+2)<<(2*codeBits)
	if buckets&(1<<small) != 0 && !f.chain(text, i, hash(all&(1<<(3*codeBits)-1)), 3, found) {
		return false
	}
	return buckets>>large == 0 || f.chain(text, i, hash(all), 4, found)
}

// chain calls found with the words whose fragment has this hash and length and is at i.
func (f *Finder) chain(text []byte, i int, hash uint, length int, found func(word, at int) bool) bool {
	for k := f.heads[hash]; k != 0; k = f.words[k-1].next {
		w := &f.words[k-1]
		if at := i - w.fragment; at >= 0 && (len(w.text) == 3) == (length == 3) && w.at(text, at) && !found(k-1, at) {
			return false
		}
	}
	return true
}

// at reports whether the word is in text at i.
func (w *word) at(text []byte, i int) bool {
	if len(text)-i < len(w.text) {
		return false
	}
	for j, c := range text[i:][:len(w.text)] {
		if c != w.text[j] && (w.exact || lower(c) != w.text[j]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
