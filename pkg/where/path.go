package where

import (
	"context"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// A path leads from the event to one of its values. The empty path is the event
// itself.
type path []step

// A step goes to the value of a key or, without one, replaces a null or false.
type step struct {
	key      string
	optional bool         // no output where there can be no such key, instead of an error
	instead  events.Value // of null and false; a step without key
}

// event is the event itself, inside which nobody looks.
var event = events.Value("{}")

// then returns p with more steps.
func (p path) then(more ...step) path { return append(p[:len(p):len(p)], more...) }

// value follows p in the event that s scanned. The outcome is yes where there is
// a value; one that is absent is null.
func (p path) value(s *events.Scanner) (events.Value, outcome) {
	if len(p) == 0 {
		return event, yes
	}
	v := s.Lookup(p[0].key)
	for i := 1; i < len(p); i++ {
		step := &p[i]
		if step.instead != nil {
			if !truthy(v) {
				v = step.instead
			}
			continue
		}
		switch v.Kind() {
		case events.Absent, events.Null:
			v = nil
		case events.Object:
			v = v.Lookup(step.key)
		default:
			if step.optional {
				return nil, none
			}
			return nil, broken
		}
	}
	return v, yes
}

// truthy reports whether v is neither null nor false.
func truthy(v events.Value) bool {
	switch v.Kind() {
	case events.Absent, events.Null:
		return false
	case events.Bool:
		return v[0] == 't'
	}
	return true
}

// on is the condition that check says of the value at p.
func (p path) on(check func(s *events.Scanner, v events.Value) outcome) condition {
	return func(_ context.Context, s *events.Scanner) outcome {
		v, o := p.value(s)
		if o != yes {
			return o
		}
		return check(s, v)
	}
}

// pathOf returns the path that q takes from at, if it is one: keys one after the
// other, and a literal after //.
func (vars variables) pathOf(q *gojq.Query, at path) (p path, ok bool) {
	switch {
	case len(q.FuncDefs) > 0:
		return nil, false
	case q.Op == gojq.OpAlt:
		return vars.alternative(q, at)
	case q.Op == gojq.OpPipe && len(q.Patterns) == 0:
		if p, ok = vars.pathOf(q.Left, at); !ok {
			return nil, false
		}
		return vars.pathOf(q.Right, p)
	case q.Term == nil:
		return nil, false
	}
	t := q.Term
	p = at
	switch t.Type {
	case gojq.TermTypeIdentity:
	case gojq.TermTypeIndex:
		key, ok := vars.keyOf(t.Index)
		if !ok {
			return nil, false
		}
		p = p.then(step{key: key})
	case gojq.TermTypeQuery:
		if len(t.SuffixList) > 0 {
			return nil, false
		}
		return vars.pathOf(t.Query, at)
	default:
		return nil, false
	}
	for _, suffix := range t.SuffixList {
		switch last := len(p) - 1; {
		case suffix.Index != nil:
			key, ok := vars.keyOf(suffix.Index)
			if !ok {
				return nil, false
			}
			p = p.then(step{key: key})
		case suffix.Optional && len(p) > len(at) && !p[last].optional:
			p[last].optional = true // the steps from at on are not shared
		default:
			return nil, false
		}
	}
	return p, true
}

// alternative returns the path with a literal in the place of null and false.
func (vars variables) alternative(q *gojq.Query, at path) (p path, ok bool) {
	p, ok = vars.pathOf(q.Left, at)
	if !ok || len(p) == 0 {
		return nil, false
	}
	for i, step := range p[len(at):] {
		if step.optional && len(at)+i > 0 { // the event has keys: its ? means nothing
			return nil, false
		}
	}
	value, ok := vars.constant(q.Right)
	if !ok {
		return nil, false
	}
	instead, ok := spelled(value)
	return p.then(step{instead: instead}), ok
}

// keyOf returns the key of an index that is a literal string.
func (vars variables) keyOf(x *gojq.Index) (key string, ok bool) {
	switch {
	case x.Name != "":
		return x.Name, true
	case x.Str != nil:
		return x.Str.Str, x.Str.Queries == nil
	case x.IsSlice || x.Start == nil:
		return "", false
	}
	return vars.stringOf(x.Start)
}
