package rule

import (
	"iter"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// placeholder is what stands for a secret in the Hit of a rule.
const placeholder = "{secret}"

// Examples makes up secrets of the rule, without end: text is Hit with a secret. They are
// what the group of Regexp allows that is the secret, with checksums that are right.
func (r *Rule) Examples(rng *rand.Rand) iter.Seq2[string, string] {
	return func(yield func(text, secret string) bool) {
		tree, err := syntax.Parse(r.Regexp, syntax.Perl)
		if err != nil {
			return
		}
		if group := capture(tree, max(r.Group, 1)); group != nil {
			tree = group
		}
		before, after, _ := strings.Cut(r.Hit, placeholder)
		for {
			secret := appendSample(nil, tree, rng)
			if r.fix != nil {
				secret = r.fix(secret)
			}
			text := before + string(secret) + after
			span := Span{len(before), len(before) + len(secret)}
			if !r.accepts(secret) || r.Allow != nil && r.Allow([]byte(text), span, span) {
				continue
			}
			if !yield(text, string(secret)) {
				return
			}
		}
	}
}

// capture returns the group with this number, or nil.
func capture(re *syntax.Regexp, group int) *syntax.Regexp {
	if re.Op == syntax.OpCapture && re.Cap == group {
		return re
	}
	for _, sub := range re.Sub {
		if found := capture(sub, group); found != nil {
			return found
		}
	}
	return nil
}

// appendSample appends a text that re matches, of printable ASCII where that can be.
func appendSample(dst []byte, re *syntax.Regexp, rng *rand.Rand) []byte {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && rng.IntN(2) == 0 {
				c = []rune(strings.ToLower(string(c)))[0]
			}
			dst = append(dst, string(c)...)
		}
	case syntax.OpCharClass:
		dst = append(dst, string(pick(re.Rune, rng))...)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		dst = append(dst, byte(' '+rng.IntN('~'-' '+1)))
	case syntax.OpAlternate:
		dst = appendSample(dst, re.Sub[rng.IntN(len(re.Sub))], rng)
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			dst = appendSample(dst, sub, rng)
		}
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		for range times(re, rng) {
			dst = appendSample(dst, re.Sub[0], rng)
		}
	}
	return dst
}

// times returns how often what re repeats is repeated.
func times(re *syntax.Regexp, rng *rand.Rand) int {
	const more = 8 // where there is no limit
	least, most := re.Min, re.Max
	switch re.Op {
	case syntax.OpStar:
		least, most = 0, more
	case syntax.OpPlus:
		least, most = 1, more
	case syntax.OpQuest:
		least, most = 0, 1
	}
	if most < 0 {
		most = least + more
	}
	return least + rng.IntN(most-least+1)
}

// pick returns a rune of a class, which is pairs of the first and last of a range.
func pick(class []rune, rng *rand.Rand) rune {
	var printable []rune
	for i := 0; i < len(class); i += 2 {
		for c := max(class[i], ' '); c <= min(class[i+1], '~'); c++ {
			printable = append(printable, c)
		}
	}
	if len(printable) == 0 {
		return class[0]
	}
	return printable[rng.IntN(len(printable))]
}
