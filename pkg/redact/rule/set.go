package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"auditctl/pkg/internal/keywords"
	"auditctl/pkg/internal/shapes"
)

// A Set searches for all its rules at once. Many goroutines may use it.
type Set struct {
	rules     []*Rule
	searches  []*search // for each rule
	finder    *keywords.Finder
	ofKeyword [][]keywordOf
	ofShape   [Colons + 1][]int // the indexes of rules with a shape; those without are tried on every text
	shapes    shapes.Set
	scratch   sync.Pool // of *scratch

	encode  sync.Once
	encoded *keywords.Finder // of keywords in base64
	offsets []int            // of these: see [Set.makeEncoded]
}

// A keywordOf says of which rule a keyword is, and which of its keywords.
type keywordOf struct {
	rule, word int // word is inJSON if it is a keyword as it is escaped
}

const inJSON = -1

// A Match is a secret that was found: text[Start:End].
type Match struct {
	Start, End int
	Rule       *Rule
}

// NewSet returns a Set of rules. Their regular expressions are compiled when they are first
// needed. On its way [Set.Look] looks for some words of ASCII, too.
func NewSet(rules []*Rule, words ...string) (*Set, error) {
	s := &Set{rules: rules}
	var known []string
	indexes := map[string]int{}
	add := func(word string, of keywordOf) {
		k, ok := indexes[word]
		if !ok {
			k = len(known)
			indexes[word] = k
			known = append(known, word)
			s.ofKeyword = append(s.ofKeyword, nil)
		}
		s.ofKeyword[k] = append(s.ofKeyword[k], of)
	}
	for i, r := range rules {
		search := &search{rule: r}
		s.searches = append(s.searches, search)
		if len(r.Keywords) == 0 {
			s.ofShape[r.Shape] = append(s.ofShape[r.Shape], i)
			if r.Shape != 0 {
				s.shapes[r.Shape.kind()] = true
			}
		}
		for n, word := range r.Keywords {
			if !keywords.Valid(word) {
				return nil, fmt.Errorf("rule %s: keyword %q: want a text of ASCII", r.ID, word)
			}
			word = unescaped(strings.ToLower(word))
			search.words = append(search.words, word)
			add(word, keywordOf{i, n})
			if escaped := string(appendJSON(nil, word)); escaped != word {
				add(escaped, keywordOf{i, inJSON})
				add(string(appendJSON(nil, escaped)), keywordOf{i, inJSON})
			}
		}
	}
	s.finder = keywords.New(append(known, words...))
	s.shapes[shapes.Runs] = len(rules) > 0
	s.scratch.New = func() any { return &scratch{} }
	return s, nil
}

// unescaped returns the longest part of a keyword that is not escaped in JSON, which does for
// it, or the keyword if that is short.
func unescaped(keyword string) string {
	longest := ""
	for part := range strings.FieldsFuncSeq(keyword, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	if len(longest) < 3 {
		return keyword
	}
	return longest
}

// appendJSON appends a keyword as it is in a string in JSON.
func appendJSON(dst []byte, keyword string) []byte {
	for i := range len(keyword) {
		switch c := keyword[i]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// Rules returns the rules. They must not be changed.
func (s *Set) Rules() []*Rule { return s.rules }

// Suspect reports whether a text may have a secret. It is much faster than a search, and
// false for nearly all texts that have none. text may be one in which a secret is, or the
// beginning of it with the keyword of the secret; or JSON in which there are such texts as
// strings, or as keys and their values, of which the text is the key, a colon, a space and
// the value. In JSON the keyword, or the shape, has to be spelled without escapes that are
// not needed.
func (s *Set) Suspect(text []byte) bool {
	suspect, _ := s.look(text, 0)
	return suspect
}

// Look is [Set.Suspect], and reports whether text has one of the words, without regard to
// case. It may not have looked for them in a text that is suspected.
func (s *Set) Look(text []byte) (suspect, hasWord bool) { return s.look(text, 0) }

func (s *Set) look(text []byte, depth int) (suspect, hasWord bool) {
	budget := budgetOf(text)
	for _, i := range s.ofShape[0] {
		if s.searches[i].mayAnywhere(text, &budget) {
			return true, false
		}
	}
	s.finder.Each(text, func(word, at int) bool {
		if word >= len(s.ofKeyword) {
			hasWord = true
			return len(s.rules) > 0
		}
		for _, k := range s.ofKeyword[word] {
			if k.word == inJSON || s.searches[k.rule].may(text, k.word, at, &budget) {
				suspect = true
				return false
			}
		}
		return true
	})
	if suspect || len(s.rules) == 0 {
		return suspect, hasWord
	}
	end := 0 // of the last run
	suspect = !shapes.Each(text, &s.shapes, func(kind shapes.Kind, at int) bool {
		if kind == shapes.Runs {
			if at < end || depth == maxDepth {
				return true
			}
			p := s.scratch.Get().(*scratch)
			defer s.scratch.Put(p)
			var r run
			r, p.joined = runAt(text, at, p.joined[:0])
			end = r.end
			return s.encodings(p, r, func(decoded []byte) bool {
				suspect, _ := s.look(decoded, depth+1)
				return !suspect
			})
		}
		for _, i := range s.ofShape[shapeOf(kind)] {
			if s.searches[i].mayNear(text, at, &budget) {
				return false
			}
		}
		return true
	})
	return suspect, hasWord
}

// budgetOf returns how many steps automatons may take in a text, so that no text takes time
// that grows with its square.
func budgetOf(text []byte) int { return 1<<16 + 16*len(text) }

// AppendMatches appends what rules find in text: in order, and no two of them overlap. Of
// what is found in base64, the Match is the whole base64.
//
// Of those that begin together the longest is appended. It includes what overlaps its end.
func (s *Set) AppendMatches(dst []Match, text []byte) []Match {
	return s.appendMatches(dst, text, 0)
}

func (s *Set) appendMatches(dst []Match, text []byte, depth int) []Match {
	p := s.scratch.Get().(*scratch)
	defer s.scratch.Put(p)
	p.windows, p.found = p.windows[:0], p.found[:0]
	budget := budgetOf(text)
	for _, i := range s.ofShape[0] {
		if s.searches[i].mayAnywhere(text, &budget) {
			p.windows = append(p.windows, window{i, 0, len(text)})
		}
	}
	s.finder.Each(text, func(word, at int) bool {
		if word >= len(s.ofKeyword) {
			return true
		}
		for _, k := range s.ofKeyword[word] {
			if k.word == inJSON {
				continue
			}
			if start, end, ok := s.searches[k.rule].around(text, k.word, at, &budget); ok {
				p.add(window{k.rule, start, end})
			}
		}
		return true
	})
	end := 0 // of the last run
	shapes.Each(text, &s.shapes, func(kind shapes.Kind, at int) bool {
		if kind == shapes.Runs {
			if at < end || depth == maxDepth {
				return true
			}
			var r run
			r, p.joined = runAt(text, at, p.joined[:0])
			end = r.end
			s.encodings(p, r, func(decoded []byte) bool {
				p.inside = s.appendMatches(p.inside[:0], decoded, depth+1)
				if len(p.inside) > 0 {
					p.found = append(p.found, Match{r.start, r.end, p.inside[0].Rule})
				}
				return len(p.inside) == 0
			})
			return true
		}
		for _, i := range s.ofShape[shapeOf(kind)] {
			if start, end, ok := s.searches[i].near(text, at, &budget); ok {
				p.add(window{i, start, end})
			}
		}
		return true
	})
	slices.SortFunc(p.windows, func(a, b window) int { return cmp.Or(a.rule-b.rule, a.start-b.start) })
	for i := 0; i < len(p.windows); {
		w := p.windows[i]
		for i++; i < len(p.windows) && p.windows[i].rule == w.rule && p.windows[i].start <= w.end; i++ {
			w.end = max(w.end, p.windows[i].end)
		}
		p.found = s.searches[w.rule].append(p.found, text, w.start, w.end)
	}
	return appendMerged(dst, p.found)
}

// A scratch is what a search needs meanwhile.
type scratch struct {
	windows []window
	found   []Match
	inside  []Match // of base64
	joined  []byte
	decoded []byte
}

// A window is a part of a text in which a rule may find something.
type window struct{ rule, start, end int }

// add adds a window, or to the last one.
func (p *scratch) add(w window) {
	if n := len(p.windows); n > 0 {
		if last := &p.windows[n-1]; last.rule == w.rule && last.start <= w.start && w.start <= last.end {
			last.end = max(last.end, w.end)
			return
		}
	}
	p.windows = append(p.windows, w)
}

// appendMerged appends what was found, in order. Of what begins together the longest counts,
// and what overlaps its end is added to it.
func appendMerged(dst, found []Match) []Match {
	slices.SortStableFunc(found, func(a, b Match) int {
		return cmp.Or(a.Start-b.Start, b.End-a.End)
	})
	first := len(dst)
	for _, m := range found {
		if len(dst) > first && m.Start < dst[len(dst)-1].End {
			dst[len(dst)-1].End = max(dst[len(dst)-1].End, m.End)
		} else {
			dst = append(dst, m)
		}
	}
	return dst
}

// kind returns what the shape is for package shapes.
func (s Shape) kind() shapes.Kind { return shapes.Kind(s - 1) }

func shapeOf(kind shapes.Kind) Shape { return Shape(kind + 1) }
