// Package keywords finds short texts of ASCII in others, many of them at once and without
// regard to case.
package keywords

import "bytes"

// A Finder finds keywords. Many goroutines may use it.
type Finder struct{ words [][]byte }

// Valid reports whether word can be a keyword: it has a byte at least, and is ASCII.
func Valid(word string) bool {
	for i := range len(word) {
		if word[i] > 0x7f {
			return false
		}
	}
	return word != ""
}

// New returns a Finder of words that are valid.
func New(words []string) *Finder {
	f := &Finder{}
	for _, w := range words {
		f.words = append(f.words, bytes.ToLower([]byte(w)))
	}
	return f
}

// In reports whether a keyword is in text.
func (f *Finder) In(text []byte) bool { return len(f.Find(text)) > 0 }

// Find returns the indexes of the words that are in text.
func (f *Finder) Find(text []byte) []int {
	var found []int
	lower := bytes.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
	for i, w := range f.words {
		if bytes.Contains(lower, w) {
			found = append(found, i)
		}
	}
	return found
}
