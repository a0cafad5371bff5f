package redact

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"auditctl/pkg/selection"
)

// A pattern is a path of globs. How much of it keys on the way down have matched is a set of
// the numbers of segments that may be next, one bit each; the bit after the last is set where
// all of it matches.
type pattern struct {
	source   string
	mode     Mode
	segments []segment
	first    uint64 // the state at the top
}

// A segment matches one key, or any number of them.
type segment struct {
	any     bool
	glob    selection.Glob
	literal string // if the glob is one, else empty
}

// maxSegments is how many segments a pattern has at most.
const maxSegments = 63

// parsePattern reads a pattern. A dot after a backslash is in a key; since a key with dots
// counts as several, it separates segments as well, but does not make a path from the top.
func parsePattern(source string, mode Mode) (pattern, error) {
	p := pattern{source: source, mode: mode}
	lower := string(appendLower(nil, []byte(source)))
	start, fromTop := 0, false
	var parts []string
	for i := 0; i < len(lower); i++ {
		switch {
		case lower[i] == '\\' && i+1 < len(lower) && lower[i+1] == '.':
			parts = append(parts, lower[start:i])
			start = i + 2
			i++
		case lower[i] == '\\':
			i++
		case lower[i] == '.':
			fromTop = true
			parts = append(parts, lower[start:i])
			start = i + 1
		}
	}
	parts = append(parts, lower[start:])
	if !fromTop {
		parts = slices.Insert(parts, 0, "**")
	}
	for _, part := range parts {
		if part == "" {
			return p, fmt.Errorf("an empty key in %q: want keys as password or metadata.*.password", source)
		}
		s := segment{any: part == "**"}
		if !s.any {
			g, err := selection.ParseGlob(part)
			if err != nil {
				return p, err
			}
			s.glob = g
			if text, ok := g.Literal(); ok {
				s.literal = text
			}
		}
		p.segments = append(p.segments, s)
	}
	if len(p.segments) > maxSegments {
		return p, fmt.Errorf("more than %d keys in %q", maxSegments, source)
	}
	if !slices.ContainsFunc(p.segments, func(s segment) bool { return !s.any }) {
		return p, errors.New("** alone is everything: want keys as password or metadata.*.password")
	}
	p.first = p.passAny(1)
	return p, nil
}

// next returns the state after a key in lower case.
func (p *pattern) next(state uint64, key []byte) uint64 {
	var after uint64
	for i := range p.segments {
		if state>>i&1 == 0 {
			continue
		}
		switch s := &p.segments[i]; {
		case s.any:
			after |= 1 << i
		case s.literal != "" && s.literal != string(key):
		case s.literal != "" || s.glob.Match(key):
			after |= 2 << i
		}
	}
	return p.passAny(after)
}

// passAny adds what may be next where ** matches no key.
func (p *pattern) passAny(state uint64) uint64 {
	for i := range p.segments {
		if p.segments[i].any {
			state |= state >> i & 1 << (i + 1)
		}
	}
	return state
}

// all reports whether all of the pattern has matched.
func (p *pattern) all(state uint64) bool { return state>>len(p.segments)&1 == 1 }

// words returns texts of ASCII of which one is in each line with a key that the pattern
// matches, none if there are no such texts. They are of the last key that has some: few lines
// have it.
func (p *pattern) words() []string {
	for i := len(p.segments) - 1; i >= 0; i-- {
		s := &p.segments[i]
		word, atEnd := s.word()
		switch {
		case word == "":
		case atEnd && i == len(p.segments)-1:
			return endings(word)
		default:
			return []string{word}
		}
	}
	return nil
}

// endings returns how a key that ends with word ends in JSON or in Python, in strings or not.
func endings(word string) []string { return []string{word + `"`, word + `\`, word + "'"} }

// word returns the longest text of ASCII that is in each key that s matches, as it is in JSON,
// and whether the key ends with it. It is empty if there is none.
func (s *segment) word() (word string, atEnd bool) {
	if s.any {
		return "", false
	}
	source := s.literal
	if source == "" {
		source = s.glob.String()
		if strings.ContainsAny(source, `[\`) {
			return "", false
		}
	}
	for _, w := range strings.FieldsFunc(source, func(r rune) bool {
		return r >= utf8.RuneSelf || r < ' ' || r == '"' || r == '\\' || s.literal == "" && (r == '*' || r == '?')
	}) {
		if len(w) >= len(word) {
			word = w
		}
	}
	return word, strings.HasSuffix(source, word)
}
