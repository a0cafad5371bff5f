package table

import (
	"strings"

	"auditctl/pkg/events"
)

// An evaluator finds the values of expressions in one record.
type evaluator struct {
	s       *events.Scanner
	scratch []byte // values that were made; it only grows for one record
}

func (e *evaluator) reset(s *events.Scanner) { e.s, e.scratch = s, e.scratch[:0] }

// first returns the value of the first alternative that has one that fits.
func (e *evaluator) first(x expression, fits func(events.Value) bool) events.Value {
	for i := range x {
		if v := e.value(&x[i]); v != nil && fits(v) {
			return v
		}
	}
	return nil
}

// value returns the value of an alternative: the one in the record, as long as nothing
// is joined or replaced.
func (e *evaluator) value(a *alternative) events.Value {
	var v events.Value
	if len(a.terms) == 1 && a.terms[0].path != nil {
		v = a.terms[0].path.in(e.s)
	} else {
		v = e.joined(a.terms)
	}
	if v == nil || a.texts == nil {
		return v
	}
	text := e.text(v)
	for i := range a.texts {
		if r := &a.texts[i]; r.pattern.match(v, text) {
			return r.value
		}
	}
	return v
}

// text returns the text of a value. It is kept for as long as the record.
func (e *evaluator) text(v events.Value) []byte {
	start := len(e.scratch)
	e.scratch = v.AppendText(e.scratch)
	return e.scratch[start:]
}

// joined returns the texts of terms as one string, nil if the first value among them is
// absent. If another is absent, the text before it is left out, too.
func (e *evaluator) joined(terms []term) events.Value {
	var buf, between [64]byte
	text, pending, some, values := buf[:0], between[:0], false, false
	for i := range terms {
		t := &terms[i]
		if t.path == nil && !t.records {
			pending = append(pending, t.text...)
			continue
		}
		values = true
		start := len(text)
		text = append(text, pending...)
		pending = pending[:0]
		before := len(text)
		if t.records {
			text = e.appendRecords(text)
		} else if v := t.path.in(e.s); isScalar(v) {
			text = v.AppendText(text)
		}
		if len(text) == before {
			text = text[:start]
			if !some {
				return nil
			}
		}
		some = true
	}
	if !values || some {
		text = append(text, pending...)
	}
	if len(text) == 0 {
		return nil
	}
	start := len(e.scratch)
	e.scratch = events.AppendString(e.scratch, string(text))
	return e.scratch[start:len(e.scratch):len(e.scratch)]
}

// appendRecords appends the keys in capitals whose values are objects or arrays, with
// blanks between them.
func (e *evaluator) appendRecords(dst []byte) []byte {
	start := len(dst)
	for key, v := range e.s.Members() {
		if v.Kind() < events.Array || len(key) == 0 || strings.IndexFunc(string(key), isNoCapital) >= 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(dst, key...)
	}
	return dst
}

func isNoCapital(r rune) bool { return (r < 'A' || r > 'Z') && r != '_' && (r < '0' || r > '9') }

// knows reports whether the record is certainly one of the table's, which has conditions.
func (t *table) knows(e *evaluator) bool {
	for i := range t.known {
		if !e.holds(&t.known[i]) {
			return false
		}
	}
	return true
}

func (e *evaluator) holds(c *condition) bool {
	return e.first(c.of, func(v events.Value) bool {
		if c.patterns == nil {
			return true
		}
		text := e.text(v)
		for i := range c.patterns {
			if c.patterns[i].match(v, text) {
				return true
			}
		}
		return false
	}) != nil
}
