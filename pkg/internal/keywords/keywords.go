// Package keywords finds short texts of ASCII in others, many of them at once and without
// regard to case.
//
// Most places in a text are passed by with a look-up for two bytes in a table of 32 KiB and an
// AND: as in FDR and Teddy, keywords share buckets. Only where two pairs of bytes, one after
// the other, may be from keywords of one bucket are keywords compared. Pairs begin at even
// places only, so each keyword is looked for in two ways.
package keywords

import (
	"cmp"
	"slices"
	"strings"
)

// A Finder finds keywords. Many goroutines may use it.
type Finder struct {
	words     []word
	fragments []fragment
	tiny      []int // the indexes of words of one or two bytes

	// pairs has for the codes of two bytes the buckets of fragments that begin with them, and
	// in the high half of those that end with them.
	pairs [1 << (2 * codeBits)]uint64

	// heads has for the hash of a fragment the first one, plus one.
	heads [1 << hashBits]int
}

// A word is a keyword.
type word struct {
	text  string
	exact bool
}

// A fragment is four bytes of a word, or three of them.
type fragment struct {
	word   int
	offset int // in the word, -1 if the first of the four may be any byte
	known  known
	next   int // the next one with the same hash, plus one
}

// known says which of the codes of four bytes are those of a word.
type known uint

const (
	code      = 1<<codeBits - 1
	four      = known(1<<(4*codeBits) - 1)
	lastThree = four &^ code
	three     = four >> codeBits
)

const (
	codeBits = 6
	hashBits = 11
)

// Buckets.
const (
	buckets = 32
	tiny    = 0  // words of one byte or two, and those of two after any byte
	late    = 2  // the first of fragments of three bytes after any one
	short   = 5  // the first of those of three before any one
	long    = 16 // the first of those of four
)

// codeOf maps a byte of ASCII to codeBits bits, letters without regard to case.
func codeOf(c byte) uint { return uint(c&0x1f | c>>1&0x20) }

func (k known) hash(codes uint) uint {
	return uint(uint32(codes&uint(k))*0x9e3779b1+uint32(k)) >> (32 - hashBits) & (1<<hashBits - 1)
}

// Valid reports whether word can be a keyword: it has a byte at least, and is ASCII.
func Valid(word string) bool {
	return word != "" && strings.IndexFunc(word, func(r rune) bool { return r > 0x7f }) < 0
}

// New returns a Finder of words and, with regard to case, of exact, which are all valid.
// The index of a word is that in both, one after the other.
func New(words []string, exact ...string) *Finder {
	f := &Finder{}
	for _, w := range words {
		f.words = append(f.words, word{text: strings.ToLower(w)})
	}
	for _, w := range exact {
		f.words = append(f.words, word{text: w, exact: true})
	}
	for i, w := range f.words {
		switch n := len(w.text); {
		case n <= 2:
			f.tiny = append(f.tiny, i)
			f.mark(tiny, w.text, 0)
			f.mark(tiny+n-1, w.text, -1)
		case n == 3:
			f.fragments = append(f.fragments, fragment{i, 0, three, 0}, fragment{i, -1, lastThree, 0})
		case n == 4:
			f.fragments = append(f.fragments, fragment{i, 0, four, 0}, fragment{i, 1, three, 0})
		default:
			f.fragments = append(f.fragments, fragment{i, rarest(w.text, 0), four, 0}, fragment{i, rarest(w.text, 1), four, 0})
		}
	}
	// Those that are similar at their ends share a bucket.
	slices.SortFunc(f.fragments, func(a, b fragment) int {
		return cmp.Or(cmp.Compare(a.known, b.known), cmp.Compare(f.codes(a), f.codes(b)))
	})
	count := map[known]int{}
	for _, g := range f.fragments {
		count[g.known]++
	}
	n := map[known]int{}
	for i := range f.fragments {
		g := &f.fragments[i]
		head := &f.heads[g.known.hash(f.codes(*g))]
		g.next, *head = *head, i+1
		first, after := late, short
		switch g.known {
		case three:
			first, after = short, long
		case four:
			first, after = long, buckets
		}
		bucket := first + n[g.known]*(after-first)/count[g.known]
		n[g.known]++
		text := f.words[g.word].text
		f.mark(bucket, text[max(0, g.offset):min(len(text), g.offset+4)], min(0, g.offset))
	}
	return f
}

// rarest returns which four bytes at an offset in a word, even or odd as first is, are fewest
// in other texts.
func rarest(word string, first int) int {
	best, most := 0, -1
	for i := first; i+4 <= len(word); i += 2 {
		rare := 0
		for j := i; j < i+4; j++ {
			rare += rarity(word[j])
		}
		if rare >= most {
			best, most = i, rare
		}
	}
	return best
}

// rarity grows with how seldom a byte is in English and in JSON.
func rarity(c byte) int {
	const often = `etaoinsr" _ld:cu,m-fphgwybv.k/xjqz`
	if at := strings.IndexByte(often, lower(c)); at >= 0 {
		return at
	}
	return len(often)
}

// codes returns the codes of the four bytes of a fragment, zero for one that may be any.
func (f *Finder) codes(g fragment) uint {
	text, all := f.words[g.word].text, uint(0)
	for i := range 4 {
		if at := g.offset + i; at >= 0 && at < len(text) {
			all |= codeOf(text[at]) << (i * codeBits)
		}
	}
	return all
}

// mark puts a fragment of at most four bytes into a bucket: text from offset on, which is 0,
// or -1 for any byte and text.
func (f *Finder) mark(bucket int, text string, offset int) {
	for half := range 2 {
		pair, free := uint(0), uint(0)
		for i := range 2 {
			if at := offset + 2*half + i; at >= 0 && at < len(text) {
				pair |= codeOf(text[at]) << (i * codeBits)
			} else {
				free |= code << (i * codeBits)
			}
		}
		for rest := free; ; rest = (rest - 1) & free { // each subset of free
			f.pairs[pair|rest] |= 1 << bucket << (half * buckets)
			if rest == 0 {
				break
			}
		}
	}
}
