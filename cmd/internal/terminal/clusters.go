package terminal

import (
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Clusters find the first characters of texts as [Cluster] does, and remember the usual
// ones. The zero Clusters are ready to use. They are for one goroutine.
type Clusters struct{ known [128]usual }

// A usual rune is a cluster by itself, wherever others of that kind are next to it.
type usual struct {
	r       rune
	usual   bool
	columns int8
}

// First is [Cluster].
func (c *Clusters) First(text []byte, quote byte, state int) (shown, rest []byte, columns, newState int) {
	r, size := utf8.DecodeRune(text)
	if r == rune(quote) {
		return Cluster(text, quote, state)
	}
	first := c.of(r)
	if first.usual {
		next, _ := utf8.DecodeRune(text[size:])
		if len(text) == size || c.of(next).usual {
			return text[:size], text[size:], int(first.columns), -1
		}
	}
	return Cluster(text, quote, state)
}

func (c *Clusters) of(r rune) usual {
	if r < utf8.RuneSelf {
		return usual{r, isPlain[r], 1}
	}
	known := &c.known[uint32(r)%uint32(len(c.known))]
	if known.r != r {
		*known = usualOf(r)
	}
	return *known
}

// usualOf looks at what joins r and others: itself, what is before it, and what is after it.
func usualOf(r rune) usual {
	char := utf8.AppendRune(nil, r)
	single, _, columns, _ := uniseg.FirstGraphemeCluster(char, -1)
	twice, _, _, _ := uniseg.FirstGraphemeCluster(append(char[:len(char):len(char)], char...), -1)
	before, _, _, _ := uniseg.FirstGraphemeCluster(append(char[:len(char):len(char)], 'a'), -1)
	after, _, _, _ := uniseg.FirstGraphemeCluster(append([]byte{'a'}, char...), -1)
	alone := len(single) == len(char) && len(twice) == len(char) && len(before) == len(char) && len(after) == 1
	return usual{r, alone && r != utf8.RuneError && escapeCluster(char, 0) == "", int8(columns)}
}
