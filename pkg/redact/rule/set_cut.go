package rule

import "bytes"

// leastCut is how many bytes follow a keyword at least in what is recognized though it was
// cut off.
const leastCut = 8

// AppendCut appends what begins as a secret does and goes on to the end of text, if there is
// such a thing: a secret that was cut off there, with the keyword that its rule looks for at
// its beginning. It is not checked.
func (s *Set) AppendCut(dst []Match, text []byte) []Match {
	budget := budgetOf(text)
	s.finder.Each(text, func(word, at int) bool {
		if word >= len(s.ofKeyword) {
			return true
		}
		for _, k := range s.ofKeyword[word] {
			if k.word != inJSON && s.searches[k.rule].isCut(text, k.word, at, &budget) {
				dst = append(dst, Match{at, len(text), s.rules[k.rule]})
				return false
			}
		}
		return true
	})
	return dst
}

// isCut reports whether a match may begin with the keyword at this index and go on after the
// end of text.
func (s *search) isCut(text []byte, word, at int, budget *int) bool {
	s.prepare()
	to := s.places[word].forward
	switch {
	case !s.needed || !s.places[word].begins || len(text)-at < len(s.words[word])+leastCut:
		return false
	case at > 0 && (isAlphanumeric(text[at-1]) || bytes.IndexByte([]byte("+/-_"), text[at-1]) >= 0):
		return false // in the middle of something else
	}
	for _, c := range text[at:] {
		to = s.forward.after(to, c)
		if *budget--; *budget < 0 || to == nil || to.dead() {
			return false
		}
	}
	return true
}
