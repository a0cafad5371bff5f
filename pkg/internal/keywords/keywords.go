// Package keywords finds short texts of ASCII in others, many of them at once and without
// regard to case.
//
// Most places in a text are passed by with two look-ups in a table of 8 KiB, one for two
// bytes and one for the next two, and an AND: as in FDR and Teddy, keywords share eight
// buckets. Only where both pairs may be from keywords of one bucket are keywords compared.
package keywords

import (
	"cmp"
	"slices"
	"strings"
)

// Buckets.
const (
	tiny  = 0 // keywords of one or two bytes
	small = 1 // of three
	large = 2 // the first of those of more
)

// A Finder finds keywords. Many goroutines may use it.
type Finder struct {
	words []word

	// pairs has for the codes of two bytes the buckets in which a keyword begins so, or
	// rather its fragment, and, in the high byte, those in which one goes on so after two
	// bytes.
	pairs [1 << (2 * codeBits)]uint16

	tiny  []int              // the indexes of words in the bucket tiny
	heads [1 << hashBits]int // the first word, plus one, whose fragment has this hash
}

// A word is a keyword. Its fragment, four bytes of it or all three, is looked for.
type word struct {
	text     string
	exact    bool
	fragment int // its index in text
	next     int // the next word, plus one, whose fragment has the same hash
}

const (
	codeBits = 6
	hashBits = 10
)

// code maps a byte of ASCII to codeBits bits, letters without regard to case.
func code(c byte) uint { return uint(c&0x1f | c>>1&0x20) }

func hash(codes uint) uint { return uint(uint32(codes)*0x9e3779b1) >> (32 - hashBits) }

// Valid reports whether word can be a keyword: it has a byte at least, and is ASCII.
func Valid(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool { return r > 0x7f }) < 0
}

// New returns a Finder of words and, with regard to case, of exact, which are all valid.
// The index of a word is that in both, one after the other.
func New(words []string, exact ...string) *Finder {
	f := &Finder{}
	for _, w := range words {
		f.words = append(f.words, word{text: strings.ToLower(w), fragment: fragment(w)})
	}
	for _, w := range exact {
		f.words = append(f.words, word{text: w, exact: true, fragment: fragment(w)})
	}
	var order []int // of large words, so that similar ones share a bucket
	for i, w := range f.words {
		switch len(w.text) {
		case 1, 2:
			f.tiny = append(f.tiny, i)
			f.add(w.text, tiny)
		case 3:
			f.link(i, hash(codes(w.text)))
			f.add(w.text, small)
		default:
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(f.words[a].part(), f.words[b].part())
	})
	for n, i := range order {
		f.link(i, hash(codes(f.words[i].part())))
		f.add(f.words[i].part(), large+n*(8-large)/len(order))
	}
	return f
}

// fragment returns where in a word the four bytes are that are fewest in other texts.
func fragment(word string) int {
	best, most := 0, -1
	for i := 0; i+4 <= len(word); i++ {
		rare := 0
		for j := i; j < i+4; j++ {
			if c := word[j] | 0x20; (c < 'a' || c > 'z') && word[j] != '-' && word[j] != ' ' {
				rare++
			}
		}
		if rare >= most {
			best, most = i, rare
		}
	}
	return best
}

// part returns the fragment.
func (w *word) part() string { return w.text[w.fragment:][:4] }

// codes returns the codes of text, at most four bytes.
func codes(text string) uint {
	all := uint(0)
	for i := range len(text) {
		all |= code(text[i]) << (i * codeBits)
	}
	return all
}

// link makes word i one of those whose fragments have this hash.
func (f *Finder) link(i int, hash uint) {
	f.words[i].next = f.heads[hash]
	f.heads[hash] = i + 1
}

// add puts a fragment into a bucket.
func (f *Finder) add(part string, bucket int) {
	f.mark(part[:min(2, len(part))], 1<<bucket)
	f.mark(part[min(2, len(part)):], 1<<8<<bucket)
}

// mark sets a bit for all pairs that begin with text.
func (f *Finder) mark(text string, bit uint16) {
	known := len(text) * codeBits
	for rest := range 1 << (2*codeBits - known) {
		f.pairs[codes(text)|uint(rest)<<known] |= bit
	}
}
