package rule

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"sync"
)

// A search finds what one rule describes.
type search struct {
	rule    *Rule
	compile sync.Once
	regexp  *regexp.Regexp
}

// append appends what the rule finds in text.
func (s *search) append(dst []Match, text []byte) []Match {
	s.compile.Do(func() { s.regexp = regexp.MustCompile(s.rule.Regexp) })
	for _, groups := range s.regexp.FindAllSubmatchIndex(text, -1) {
		start, end := s.rule.secret(groups)
		if start < end && s.rule.accepts(text[start:end]) &&
			(s.rule.Allow == nil || !s.rule.Allow(text, Span{groups[0], groups[1]}, Span{start, end})) {
			dst = append(dst, Match{start, end, s.rule})
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
