package rule

import (
	"fmt"
	"strings"
	"sync"

	"auditctl/pkg/internal/keywords"
)

// A Set searches for all its rules at once. Many goroutines may use it.
type Set struct {
	rules     []*Rule
	searches  []*search // for each rule
	finder    *keywords.Finder
	ofKeyword [][]int   // the indexes of rules that have a keyword
	always    []int     // the indexes of rules without keywords
	scratch   sync.Pool // of *scratch
}

// A Match is a secret that was found: text[Start:End].
type Match struct {
	Start, End int
	Rule       *Rule
}

// NewSet returns a Set of rules. Their regular expressions are compiled when they are first
// needed.
func NewSet(rules []*Rule) (*Set, error) {
	s := &Set{rules: rules}
	var words []string
	indexes := map[string]int{}
	for i, r := range rules {
		s.searches = append(s.searches, &search{rule: r})
		if len(r.Keywords) == 0 {
			s.always = append(s.always, i)
		}
		for _, word := range r.Keywords {
			if !keywords.Valid(word) {
				return nil, fmt.Errorf("rule %s: keyword %q: want a text of ASCII", r.ID, word)
			}
			word = strings.ToLower(word)
			k, ok := indexes[word]
			if !ok {
				k = len(words)
				indexes[word] = k
				words = append(words, word)
				s.ofKeyword = append(s.ofKeyword, nil)
			}
			s.ofKeyword[k] = append(s.ofKeyword[k], i)
		}
	}
	s.finder = keywords.New(words)
	s.scratch.New = func() any { return &scratch{wanted: make([]bool, len(rules))} }
	return s, nil
}

// Rules returns the rules. They must not be changed.
func (s *Set) Rules() []*Rule { return s.rules }

// Suspect reports whether a text may have a secret. It is much faster than a search, and
// false for nearly all texts that have none. text may be any bytes, for instance whole
// lines of JSON, as long as the secret would be spelled there without escapes.
func (s *Set) Suspect(text []byte) bool { return len(s.always) > 0 || s.finder.In(text) }

// AppendMatches appends what rules find in text: in order, and no two of them overlap. Of
// what is found in base64, the Match is the whole base64.
//
// Of those that begin together the longest is appended. It includes what overlaps its end.
func (s *Set) AppendMatches(dst []Match, text []byte) []Match {
	p := s.scratch.Get().(*scratch)
	defer s.scratch.Put(p)
	clear(p.wanted)
	for _, i := range s.always {
		p.wanted[i] = true
	}
	for _, k := range s.finder.Find(text) {
		for _, i := range s.ofKeyword[k] {
			p.wanted[i] = true
		}
	}
	p.found = p.found[:0]
	for i, wanted := range p.wanted {
		if wanted {
			p.found = s.searches[i].append(p.found, text)
		}
	}
	return appendMerged(dst, p.found)
}

// A scratch is what a search needs meanwhile.
type scratch struct {
	wanted []bool // of each rule: whether it may find something
	found  []Match
}
