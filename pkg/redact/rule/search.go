package rule

import (
	"bytes"
	"math"
	"regexp"
	"sync"
)

// A search finds what one rule describes. Its automatons find out where the expression
// need not be tried, which package regexp does 50 times slower.
type search struct {
	rule  *Rule
	words []string // its keywords, in lower case

	compile sync.Once
	regexp  *regexp.Regexp

	build    sync.Once
	forward  *automaton
	backward *automaton
	through  *automaton // forward, with all that may begin later
	needed   bool       // it is certain that each match has a keyword, spelled out
	keyed    bool       // a match may have a colon and a space in it
	places   []place    // of each keyword
	anywhere place      // in any part of a match
	begin    *state     // of through
}

// A place is where in a match something is: after it the match goes on from the one state,
// and before it back from the other.
type place struct {
	forward, backward *state
	begins            bool // a match may begin there
}

// context is how many bytes around a match decide whether assertions hold: a character.
const context = 4

// prepare makes the automatons.
func (s *search) prepare() { s.build.Do(s.makeAutomatons) }

func (s *search) makeAutomatons() {
	g := newGraph(s.rule.Regexp)
	classes, count := g.classes()
	automatonOf := func(edges [][]int32, ends []bool, again []int32) *automaton {
		return &automaton{nodes: g.nodes, edges: edges, ends: ends, again: again, classes: classes, count: count, states: map[string]*state{}}
	}
	s.forward = automatonOf(g.next, g.last, nil)
	s.backward = automatonOf(g.prev, g.first, nil)
	s.through = automatonOf(g.next, g.last, g.starts)
	s.begin = s.through.start(nil)
	all := make([]int32, len(g.nodes))
	narrow := make([][]byte, len(g.nodes))
	for n := range g.nodes {
		all[n] = int32(n)
		narrow[n] = g.nodes[n].narrow()
	}
	s.anywhere = place{forward: s.forward.start(all), backward: s.backward.start(all), begins: true}
	s.needed = g.needs(s.words, narrow)
	s.keyed = len(g.spelled(": ", narrow)) > 0
	for _, word := range s.words {
		p := s.anywhere
		if s.needed {
			nodes := g.spelled(word, narrow)
			var before []int32
			for _, n := range nodes {
				before = append(before, g.prev[n]...)
			}
			p = place{forward: s.forward.start(nodes), backward: s.backward.start(before), begins: anyOf(g.first, nodes)}
		}
		s.places = append(s.places, p)
	}
}

// may reports whether text may have a match with a keyword at this index, or the beginning
// of one. See [Set.Suspect] for what text may be.
func (s *search) may(text []byte, word, at int, budget *int) bool {
	s.prepare()
	if s.elsewhere() {
		return s.mayAnywhere(text, budget)
	}
	to, least := s.places[word].forward, at+len(s.words[word])
	for i := at; i < len(text); i++ {
		if i >= least && (text[i] == '\\' || text[i] == '"' && (i >= least+leastCut || endsKey(text[i+1:]))) {
			return true
		}
		to = s.forward.after(to, text[i])
		if *budget--; *budget < 0 || to == nil || to.final && i+1 >= least {
			return true
		}
		if to.dead() {
			return false
		}
	}
	return true
}

// elsewhere reports whether keywords may be outside of what the rule matches.
func (s *search) elsewhere() bool { return s.rule.apart && !s.needed }

// endsKey reports whether a quote that text follows may be at the end of a key.
func endsKey(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && text[0] == ':'
}

// around returns the part of text in which matches with a keyword at this index are, with
// their context, and whether there may be one.
func (s *search) around(text []byte, word, at int, budget *int) (start, end int, ok bool) {
	s.prepare()
	if s.elsewhere() {
		_, ok = s.through.ahead(s.begin, text, 0, 0, budget)
		return 0, len(text), ok
	}
	p := &s.places[word]
	end, ok = s.forward.ahead(p.forward, text, at, at+len(s.words[word]), budget)
	if !ok {
		return 0, 0, false
	}
	start, ok = s.backward.back(p.backward, text, at, budget)
	return max(0, start-context), min(len(text), end+context), ok || p.begins
}

// near is around for matches that have the byte at this index in them, and nothing else is
// known of them.
func (s *search) near(text []byte, at int, budget *int) (start, end int, ok bool) {
	s.prepare()
	start, _ = s.backward.back(s.anywhere.backward, text, at+1, budget)
	end, _ = s.forward.ahead(s.anywhere.forward, text, at, at, budget)
	_, ok = s.through.ahead(s.begin, text[:end], start, start, budget)
	return max(0, start-context), min(len(text), end+context), ok
}

// mayNear is near for what [Set.Suspect] gets.
func (s *search) mayNear(text []byte, at int, budget *int) bool {
	start, end, ok := s.near(text, at, budget)
	return ok || s.mayDiffer(text[max(0, start-len(`\u00e9`)):end])
}

// mayAnywhere reports whether what [Set.Suspect] gets may have a match.
func (s *search) mayAnywhere(text []byte, budget *int) bool {
	s.prepare()
	if s.mayDiffer(text) || s.keyed && bytes.HasSuffix(text, []byte(": ")) {
		return true
	}
	_, ok := s.through.ahead(s.begin, text, 0, 0, budget)
	return ok
}

// mayDiffer reports whether the rule may find something else in what text stands for, which
// may be JSON.
func (s *search) mayDiffer(text []byte) bool {
	return bytes.IndexByte(text, '\\') >= 0 || s.keyed && bytes.IndexByte(text, '"') >= 0
}

// ahead walks from at on until nothing is accepted any more, and returns where that is and
// whether something was after at least so much. Where there is no budget left, all may be
// accepted.
func (a *automaton) ahead(s *state, text []byte, at, least int, budget *int) (end int, final bool) {
	for i := at; i < len(text); i++ {
		s = a.after(s, text[i])
		if *budget--; s == nil || *budget < 0 {
			return len(text), true
		}
		final = final || s.final && i+1 >= least
		if s.dead() {
			return i + 1, final
		}
	}
	return len(text), final
}

// back is ahead in the other direction.
func (a *automaton) back(s *state, text []byte, at int, budget *int) (start int, final bool) {
	for i := at - 1; i >= 0; i-- {
		s = a.after(s, text[i])
		if *budget--; s == nil || *budget < 0 {
			return 0, true
		}
		final = final || s.final
		if s.dead() {
			return i, final
		}
	}
	return 0, final
}

// append appends what the rule finds in text[start:end].
func (s *search) append(dst []Match, text []byte, start, end int) []Match {
	s.compile.Do(func() { s.regexp = regexp.MustCompile(s.rule.Regexp) })
	for _, groups := range s.regexp.FindAllSubmatchIndex(text[start:end], -1) {
		for i := range groups {
			if groups[i] >= 0 {
				groups[i] += start
			}
		}
		from, to := s.rule.secret(groups)
		if from < to && s.rule.accepts(text[from:to]) &&
			(s.rule.Allow == nil || !s.rule.Allow(text, Span{groups[0], groups[1]}, Span{from, to})) {
			dst = append(dst, Match{from, to, s.rule})
		}
	}
	return dst
}

// secret returns where the secret is in a match whose groups are at these indexes.
func (r *Rule) secret(groups []int) (start, end int) {
	if r.Group > 0 {
		return groups[2*r.Group], groups[2*r.Group+1]
	}
	for i := 2; i < len(groups); i += 2 {
		if groups[i] >= 0 {
			return groups[i], groups[i+1]
		}
	}
	return groups[0], groups[1]
}

// accepts reports whether what was found is a secret.
func (r *Rule) accepts(secret []byte) bool {
	return (r.Entropy == 0 || entropy(secret) >= r.Entropy) && (r.Check == nil || r.Check(secret))
}

// entropy returns the Shannon entropy of text in bits a byte.
func entropy(text []byte) float64 {
	var counts [256]int
	for _, c := range text {
		counts[c]++
	}
	sum := 0.0
	for _, n := range counts {
		if n > 0 {
			sum += float64(n) * math.Log2(float64(n))
		}
	}
	return math.Log2(float64(len(text))) - sum/float64(len(text))
}
