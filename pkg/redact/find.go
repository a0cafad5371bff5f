package redact

import (
	"sort"

	"auditctl/pkg/redact/rule"
)

// maxContext is how long a name is at most that may say what a value is.
const maxContext = 256

// find notes edits of what rules find in a text, and in it after its name. In regions of it,
// which are JSON, only tokens are edited.
func (w *walker) find(text []byte, is role, regions, tokens []token) {
	w.matches = w.rules.AppendMatches(w.matches[:0], text)
	known := len(w.matches) > 0 && w.matches[0].Start == 0
	if w.cut {
		w.matches = w.rules.AppendCut(w.matches, text)
	}
	for _, m := range w.matches {
		w.found(m, text, regions, tokens)
	}
	if len(is.name) == 0 || len(is.name) > maxContext {
		return
	}
	for _, j := range is.joins {
		if w.findNamed(text, is.name, j, known, regions, tokens) {
			return
		}
	}
}

// findNamed notes edits of what rules find in a text after its name. If that begins where the
// text does, and is not known without the name, it is all of the text, which may have quotes
// or blanks in it. It reports whether there is a match that begins there.
func (w *walker) findNamed(text, name []byte, j join, known bool, regions, tokens []token) (atStart bool) {
	w.context = append(appendDecoded(append(w.context[:0], j.before...), name), j.between...)
	before := len(w.context)
	w.context = append(append(w.context, text...), j.before...)
	w.matches = w.rules.AppendMatches(w.matches[:0], w.context)
	for _, m := range w.matches {
		m.Start, m.End = m.Start-before, min(m.End-before, len(text))
		if m.End <= 0 {
			continue
		}
		if m.Start <= 0 {
			atStart = true
			if !known {
				m.Start, m.End = 0, len(text)
			}
		}
		w.found(rule.Match{Start: max(m.Start, 0), End: m.End, Rule: m.Rule}, text, regions, tokens)
	}
	return atStart
}

// found notes edits of a match in a text. What is left of an earlier redaction is not looked
// at again.
func (w *walker) found(m rule.Match, text []byte, regions, tokens []token) {
	left := 0 // how much of the match is that
	start, end := m.Start, m.End
	for i := max(0, m.Start-longestLeft); i < m.End; {
		n := markerAt(text[i:])
		if n == 0 || i+n <= m.Start {
			i++
			continue
		}
		left += min(i+n, m.End) - max(i, m.Start)
		start, end = min(start, i), max(end, i+n)
		i += n
	}
	if left == m.End-m.Start {
		return
	}
	what, mode := w.whatRule(m.Rule)
	value := text[start:end]
	for _, region := range overlapping(regions, start, end) {
		w.replacePart(start, region.start, mode, value, what)
		for _, t := range overlapping(tokens, max(start, region.start), min(end, region.end)) {
			if t.scalar {
				w.scalar(t, text, m.Rule)
			} else {
				w.replacePart(max(start, t.start), min(end, t.end), mode, value, what)
			}
		}
		start = max(start, region.end)
	}
	w.replacePart(start, end, mode, value, what)
}

// overlapping returns those of some tokens, which are in order, that are in part between two
// indexes.
func overlapping(tokens []token, start, end int) []token {
	first := sort.Search(len(tokens), func(i int) bool { return tokens[i].end > start })
	n := sort.Search(len(tokens[first:]), func(i int) bool { return tokens[first+i].start >= end })
	return tokens[first : first+n]
}

// replacePart notes an edit of a part of what was found.
func (w *walker) replacePart(start, end int, mode Mode, value []byte, what int) {
	if start < end {
		w.edits = append(w.edits, edit{start, end, w.left(mode, value), what})
	}
}

// scalar notes an edit of a number or word.
func (w *walker) scalar(t token, text []byte, r *rule.Rule) {
	what, mode := w.whatRule(r)
	n := len(w.spare)
	w.spare = append(w.appendLeft(append(w.spare, '"'), mode, text[t.start:t.end]), '"')
	w.edits = append(w.edits, edit{t.start, t.end, w.spare[n:], what})
}
