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
	const mask = uint64(1<<(2*codeBits) - 1)
	pairs := &f.pairs
	last := uint64(0) // of the pair before i
	i := 0
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		x = x&0x1f1f1f1f1f1f1f1f | x>>1&0x2020202020202020 // the codes
		x = x&0x003f003f003f003f | x>>2&0x0fc00fc00fc00fc0 // those of pairs
		p0, p1, p2, p3 := pairs[x&mask], pairs[x>>16&mask], pairs[x>>32&mask], pairs[x>>48&mask]
		c0, c1, c2, c3 := last&(p0>>buckets), p0&(p1>>buckets), p1&(p2>>buckets), p2&(p3>>buckets)
		last = p3 & (1<<buckets - 1)
		if c0|c1|c2|c3 != 0 {
			for j, c := range [4]uint64{c0, c1, c2, c3} {
				if c != 0 && !f.compare(text, i-2+2*j, c, found) {
					return false
				}
			}
		}
	}
	for i -= 2; i < len(text); i += 2 {
		if i >= 0 {
			c := pairs[pairAt(text, i)] & (pairs[pairAt(text, i+2)] >> buckets)
			if c != 0 && !f.compare(text, i, c, found) {
				return false
			}
		}
	}
	return true
}

// pairAt returns the codes of the two bytes of text at i, as if it had zeros after it.
func pairAt(text []byte, i int) uint {
	pair := uint(0)
	if i < len(text) {
		pair = codeOf(text[i])
	}
	if i+1 < len(text) {
		pair |= codeOf(text[i+1]) << codeBits
	}
	return pair
}

// compare calls found with the words of these buckets of which a fragment is at i.
func (f *Finder) compare(text []byte, i int, in uint64, found func(word, at int) bool) bool {
	if in&(3<<tiny) != 0 {
		for _, k := range f.tiny {
			for at := i; at < i+2; at++ {
				if f.words[k].at(text, at) && !found(k, at) {
					return false
				}
			}
		}
	}
	codes := pairAt(text, i) | pairAt(text, i+2)<<(2*codeBits)
	return (in&(1<<short-1<<late) == 0 || f.chain(text, i, codes, lastThree, found)) &&
		(in&(1<<long-1<<short) == 0 || f.chain(text, i, codes, three, found)) &&
		(in>>long == 0 || f.chain(text, i, codes, four, found))
}

// chain calls found with the words whose fragment with these codes is at i.
func (f *Finder) chain(text []byte, i int, codes uint, known known, found func(word, at int) bool) bool {
	for k := f.heads[known.hash(codes)]; k != 0; k = f.fragments[k-1].next {
		g := &f.fragments[k-1]
		if at := i - g.offset; g.known == known && f.words[g.word].at(text, at) && !found(g.word, at) {
			return false
		}
	}
	return true
}

// at reports whether the word is in text at i.
func (w *word) at(text []byte, i int) bool {
	if i < 0 || len(text)-i < len(w.text) {
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
