package redact

import "auditctl/pkg/redact/rule"

// minDigits is how many characters a number has at least that may be that of a card.
const minDigits = 12

// find notes edits of what rules find in a text, which is the value of key. In regions of it,
// which are JSON, only tokens are edited.
func (w *walker) find(text, key []byte, regions, tokens []token) {
	w.matches = w.rules.AppendMatches(w.matches[:0], text)
	for _, m := range w.matches {
		w.found(m, text, regions, tokens)
	}
	if len(key) == 0 {
		return
	}
	w.context = append(appendDecoded(w.context[:0], key), ": "...)
	before := len(w.context)
	if !w.rules.Suspect(w.context) {
		return
	}
	w.context = append(w.context, text...)
	w.matches = w.rules.AppendMatches(w.matches[:0], w.context)
	for _, m := range w.matches {
		m.Start, m.End = max(m.Start-before, 0), m.End-before
		if m.End > m.Start {
			w.found(m, text, regions, tokens)
		}
	}
}

// number notes an edit of a number in which rules find something.
func (p *parser) number(start, end int) {
	if end-start < minDigits {
		return
	}
	p.matches = p.rules.AppendMatches(p.matches[:0], p.text[start:end])
	if len(p.matches) > 0 {
		p.scalar(token{start: start, end: end}, p.text, p.matches[0].Rule)
	}
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
	for _, region := range regions {
		if region.end <= start {
			continue
		}
		if region.start >= end {
			break
		}
		w.replacePart(start, min(end, region.start), mode, value, what)
		for _, t := range tokens {
			switch {
			case t.end <= max(start, region.start) || t.start >= min(end, region.end):
			case t.scalar:
				w.scalar(t, text, m.Rule)
			default:
				w.replacePart(max(start, t.start), min(end, t.end), mode, value, what)
			}
		}
		start = max(start, region.end)
	}
	w.replacePart(start, end, mode, value, what)
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
