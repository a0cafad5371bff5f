package selection

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// A Glob is a pattern for a whole text: * matches any characters, ? one,
// [abc], [a-z] and [!a-z] for one of a set, and a backslash takes the special
// meaning from what follows it.
type Glob struct {
	source  string
	tokens  []token
	literal bool // the tokens are a literal text
	text    string
}

// A token matches one character, or any number of them.
type token struct {
	star   bool
	any    bool
	negate bool
	ranges []runeRange // a set, or one literal character
}

type runeRange struct{ from, to rune }

// ParseGlob reads a glob.
func ParseGlob(source string) (Glob, error) {
	g := Glob{source: source, literal: true}
	var text strings.Builder
	for rest := source; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		switch r {
		case '*':
			g.literal = false
			if n := len(g.tokens); n == 0 || !g.tokens[n-1].star {
				g.tokens = append(g.tokens, token{star: true})
			}
		case '?':
			g.literal = false
			g.tokens = append(g.tokens, token{any: true})
		case '[':
			g.literal = false
			set, n, err := parseSet(rest)
			if err != nil {
				return Glob{}, fmt.Errorf("glob %q: %w", source, err)
			}
			g.tokens = append(g.tokens, set)
			rest = rest[n:]
		case '\\':
			if rest == "" {
				return Glob{}, fmt.Errorf("glob %q: nothing follows the backslash", source)
			}
			r, size = utf8.DecodeRuneInString(rest)
			rest = rest[size:]
			fallthrough
		default:
			text.WriteRune(r)
			g.tokens = append(g.tokens, token{ranges: []runeRange{{r, r}}})
		}
	}
	g.text = text.String()
	return g, nil
}

// parseSet reads a set after its opening bracket and returns how many bytes
// spell it.
func parseSet(source string) (set token, size int, err error) {
	rest := source
	next := func() rune {
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		if r == '\\' && rest != "" {
			r, n = utf8.DecodeRuneInString(rest)
			rest = rest[n:]
		}
		return r
	}
	if rest != "" && (rest[0] == '!' || rest[0] == '^') {
		set.negate = true
		rest = rest[1:]
	}
	for first := true; ; first = false {
		if rest == "" {
			return set, 0, errors.New("the bracket is not closed")
		}
		if rest[0] == ']' && !first {
			return set, len(source) - len(rest) + 1, nil
		}
		from := next()
		to := from
		if len(rest) > 1 && rest[0] == '-' && rest[1] != ']' {
			rest = rest[1:]
			to = next()
		}
		if to < from {
			return set, 0, fmt.Errorf("%c comes after %c", from, to)
		}
		set.ranges = append(set.ranges, runeRange{from, to})
	}
}

// String returns the glob as it was given.
func (g *Glob) String() string { return g.source }

// Literal returns the one text that the glob matches, false if it may match others.
func (g *Glob) Literal() (text string, ok bool) { return g.text, g.literal }

// Match reports whether the glob matches all of text.
func (g *Glob) Match(text []byte) bool {
	if g.literal {
		return string(text) == g.text
	}
	// On a mismatch, let the last star take one character more. Earlier stars
	// never need to: whatever they could take, the last one can.
	t, star, retry := 0, -1, 0
	for i := 0; ; {
		switch {
		case t < len(g.tokens) && g.tokens[t].star:
			star, retry = t, i
			t++
			continue
		case i == len(text):
			return t == len(g.tokens)
		}
		r, size := utf8.DecodeRune(text[i:])
		if t < len(g.tokens) && g.tokens[t].match(r) {
			t++
			i += size
			continue
		}
		if star < 0 {
			return false
		}
		_, size = utf8.DecodeRune(text[retry:])
		retry += size
		t, i = star+1, retry
	}
}

func (t *token) match(r rune) bool {
	if t.any {
		return true
	}
	for _, rr := range t.ranges {
		if rr.from <= r && r <= rr.to {
			return !t.negate
		}
	}
	return t.negate
}

// ParseGlobs reads globs separated by commas. A comma after a backslash
// belongs to the glob.
func ParseGlobs(list string) ([]Glob, error) {
	var globs []Glob
	start := 0
	for i := 0; ; i++ {
		switch {
		case i < len(list) && list[i] != ',':
			if list[i] == '\\' && i+1 < len(list) {
				i++
			}
			continue
		case start == i:
			return nil, fmt.Errorf("an empty glob in %q", list)
		}
		g, err := ParseGlob(list[start:i])
		if err != nil {
			return nil, err
		}
		globs = append(globs, g)
		if i == len(list) {
			return globs, nil
		}
		start = i + 1
	}
}
