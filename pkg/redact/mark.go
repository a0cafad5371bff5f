package redact

import (
	"slices"
	"strconv"

	"auditctl/pkg/events"
)

// mark returns the value of metadata.redacted: how often what was found in the line.
func (r *Redactor) mark() []byte {
	found := slices.Clone(r.walker.dropped)
	for _, e := range r.walker.edits {
		if e.what >= 0 {
			found = append(found, e.what)
		}
	}
	slices.Sort(found)
	counts := map[string]int{}
	for _, what := range found {
		counts[r.names[what]]++
	}
	dst := []byte{'{'}
	for _, what := range slices.Compact(found) {
		name := r.names[what]
		if counts[name] == 0 {
			continue // another rule has the same name
		}
		if len(dst) > 1 {
			dst = append(dst, ", "...)
		}
		dst = append(events.AppendString(dst, name), ": "...)
		dst = strconv.AppendInt(dst, int64(counts[name]), 10)
		counts[name] = 0
	}
	return append(dst, '}')
}

// maxCount is how many digits a number in a mark has at most: fewer than that of a card.
const maxCount = 11

// isMark reports whether an object of numbers begins at i, as a mark is.
func (p *parser) isMark(i int) bool {
	if i == len(p.text) || p.text[i] != '{' {
		return false
	}
	for i = skipSpace(p.text, i+1); i < len(p.text) && p.text[i] == '"'; {
		i = skipSpace(p.text, min(p.stringEnd(i)+1, len(p.text)))
		if i == len(p.text) || p.text[i] != ':' {
			return false
		}
		i = skipSpace(p.text, i+1)
		start := i
		for i < len(p.text) && p.text[i]-'0' <= 9 {
			i++
		}
		if i == start || i-start > maxCount {
			return false
		}
		if next, ok := p.comma(i); ok {
			i = next
			continue
		}
		i = skipSpace(p.text, i)
		return i < len(p.text) && p.text[i] == '}'
	}
	return false
}
