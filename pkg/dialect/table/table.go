package table

import (
	"slices"
	"strings"

	"auditctl/pkg/dialect"
	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A table says where the records of a flat log have what events have. Each record is
// one event. See [ParseKeys] for how a table is written.
type table struct {
	title, where string
	known        []condition // nil: it is not recognized
	knownText    string
	within       []path // where a record may be that others have wrapped
	envelope     [envelopeSlots]expression
	others       []target
	maps         []dialect.Mapping // of all of them
}

// The keys of the envelope that a table may set.
const (
	slotType = iota
	slotTimestamp
	slotSeverity
	slotAgent
	slotSession
	slotTurn
	envelopeSlots
)

var slots = [envelopeSlots]string{"event_type", "timestamp", "severity", "agent_id", "session_id", "turn_id"}

// A target is a key of events outside the envelope.
type target struct {
	name     string
	metadata bool // it is in the metadata
	text     bool // its values are texts: of strings, numbers and booleans
	from     expression
}

// key returns the key as in events.
func (t *target) key() string {
	if t.metadata {
		return "metadata." + t.name
	}
	return t.name
}

// set sets a key of the envelope, or another one. The source is for those who ask what
// maps to what.
func (t *table) set(key target, source string) {
	if slot := slices.Index(slots[:], key.key()); slot >= 0 {
		t.envelope[slot] = key.from
	} else if i := slices.IndexFunc(t.others, func(o target) bool { return o.key() == key.key() }); i >= 0 {
		t.others[i] = key
	} else {
		t.others = append(t.others, key)
	}
	if i := t.mapped(key.key()); i >= 0 {
		t.maps[i].From = source
	} else {
		t.maps = append(t.maps, dialect.Mapping{From: source, To: key.key()})
	}
}

// mapped returns which mapping is to a key of events, -1 if none is.
func (t *table) mapped(key string) int {
	return slices.IndexFunc(t.maps, func(m dialect.Mapping) bool { return m.To == key })
}

// isTagged reports whether the type may be the record's event_type.
func (t *table) isTagged() bool {
	for _, a := range t.envelope[slotType] {
		for _, term := range a.terms {
			if len(term.path) == 1 && term.path[0].key == "event_type" {
				return true
			}
		}
	}
	return false
}

// An expression is alternatives, of which the first that has a value counts.
type expression []alternative

// subject returns what x is about, in a few words.
func (x expression) subject() string {
	var keys []string
	for _, a := range x[:min(1, len(x))] {
		for _, term := range a.terms {
			if term.records {
				return "record of a name in capitals"
			}
			for _, step := range term.path {
				if step.key != "" {
					keys = append(keys, step.key)
				}
			}
			if keys != nil {
				return strings.Join(keys, ".")
			}
		}
	}
	return "type"
}

// An alternative is terms that are joined, and what becomes of some texts.
type alternative struct {
	terms []term
	texts []replacement
}

// A term is a text, or else the path of a value, or else the names of laurel's records.
type term struct {
	text    string
	path    path
	records bool
}

// A path is the steps from a record down to a value.
type path []step

// A step goes to the value of a key, to an element of an array, or to the first value
// that has what follows.
type step struct {
	key     string
	index   int
	isIndex bool
	any     bool
}

// A replacement is what becomes of the texts that a pattern matches.
type replacement struct {
	pattern pattern
	value   events.Value // a string; nil: it is as if the value were absent
}

// A pattern is a range of numbers, or else a glob.
type pattern struct {
	from, to float64
	isRange  bool
	glob     selection.Glob
}

// A condition holds for records that have a value whose text one of the patterns
// matches; any value if there is no pattern.
type condition struct {
	of       expression
	patterns []pattern
}

func (p *pattern) match(v events.Value, text []byte) bool {
	if !p.isRange {
		return p.glob.Match(text)
	}
	n, ok := v.Float()
	if !ok {
		n, ok = events.Value(text).Float() // of a string
	}
	return ok && p.from <= n && n <= p.to
}

// in returns the value at p in the record that s scanned; nil if there is none, or
// nothing in it: null, "", [] or {}.
func (p path) in(s *events.Scanner) events.Value {
	if p[0].any {
		for _, v := range s.Members() {
			if found := p[1:].below(v); found != nil {
				return found
			}
		}
		return nil
	}
	return p[1:].below(s.Lookup(p[0].key))
}

// below is in for the value of the step before.
func (p path) below(v events.Value) events.Value {
	for i, step := range p {
		switch {
		case step.any:
			for _, child := range v.Members() {
				if found := p[i+1:].below(child); found != nil {
					return found
				}
			}
			for child := range v.Elements() {
				if found := p[i+1:].below(child); found != nil {
					return found
				}
			}
			return nil
		case step.isIndex:
			v = element(v, step.index)
		default:
			v = v.Lookup(step.key)
		}
	}
	if v.Kind() == events.Null || len(v) == 2 && (v[0] == '"' || v[0] == '[' || v[0] == '{') {
		return nil
	}
	return v
}

// element returns an element of an array, nil if there is none.
func element(v events.Value, index int) events.Value {
	for elem := range v.Elements() {
		if index == 0 {
			return elem
		}
		index--
	}
	return nil
}

// isScalar reports whether v is a string, a number or a boolean.
func isScalar(v events.Value) bool {
	k := v.Kind()
	return k == events.String || k == events.Number || k == events.Bool
}
