package table

import (
	"bytes"

	"auditctl/pkg/events"
)

// An unwrapper finds records inside those of programs that carry other programs' logs:
// an object at a known place, or a string that is one.
type unwrapper struct {
	inner events.Scanner
	text  []byte
	eval  evaluator
}

// find returns what scanned the record of a table: s, or else what scanned the one in
// it, and where that is. What it returns may be used until the next call.
func (u *unwrapper) find(t *table, s *events.Scanner) (*events.Scanner, path) {
	for _, way := range t.within {
		v := way.in(s)
		if v == nil {
			continue
		}
		if u.fits(t, s) {
			break
		}
		u.text = v.AppendText(u.text[:0])
		if bytes.HasPrefix(u.text, []byte("{")) && u.inner.Scan(u.text) == nil && u.fits(t, &u.inner) {
			return &u.inner, way
		}
	}
	return s, nil
}

// fits reports whether the record that s scanned is one of the table.
func (u *unwrapper) fits(t *table, s *events.Scanner) bool {
	u.eval.reset(s)
	if t.known != nil {
		return t.knows(&u.eval)
	}
	return u.eval.first(t.envelope[slotType], isScalar) != nil
}

// appendWithout appends an object without the value at the end of way, and without the
// objects on the way in which nothing else is.
func appendWithout(dst []byte, object events.Value, way path) []byte {
	dst = append(dst, '{')
	start, next := len(dst), object.Lookup(way[0].key)
	for key, v := range object.Members() {
		before := len(dst)
		if len(dst) > start {
			dst = append(dst, ", "...)
		}
		dst = append(events.AppendString(dst, string(key)), ": "...)
		switch {
		case &v[0] != &next[0]:
			dst = v.AppendSpelled(dst)
		case len(way) == 1:
			dst = dst[:before]
		default:
			inside := len(dst)
			if dst = appendWithout(dst, v, way[1:]); len(dst) == inside+len("{}") {
				dst = dst[:before]
			}
		}
	}
	return append(dst, '}')
}
