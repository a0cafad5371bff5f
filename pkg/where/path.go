package where

import (
	"context"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// A path leads from the event, or from a value of it, to a value inside. The empty path
// is the event or value itself.
type path []step

// A step goes to the value of a key or to an element, or makes something of the value.
type step struct {
	key      string
	number   int  // of the element, from the end if it is negative
	element  bool // the step goes to it
	optional bool // no output where there can be no such key or element, instead of an error

	// One of these is set where the step goes nowhere.
	instead events.Value // of null and false
	derive  derivation
	stay    bool // at the value
}

// toKey reports whether the step goes to the value of a key.
func (s *step) toKey() bool { return !s.element && !s.stay && s.instead == nil && s.derive == nil }

// event is the event itself, inside which nobody looks.
var event = events.Value("{}")

// then returns p with more steps.
func (p path) then(more ...step) path { return append(p[:len(p):len(p)], more...) }

// value follows p from a value of the event that s scanned, or from the event itself. The
// outcome is yes where there is a value; one that is absent is null.
func (p path) value(s *events.Scanner, v events.Value) (events.Value, outcome) {
	for i := range p {
		step := &p[i]
		switch kind := v.Kind(); {
		case step.stay:
		case step.derive != nil:
			derived, o := step.derive(s, v)
			if o == broken && step.optional {
				o = none
			}
			if o != yes {
				return nil, o
			}
			v = derived
		case step.instead != nil:
			if !truthy(v) {
				v = step.instead
			}
		case kind == events.Absent || kind == events.Null:
			v = nil
		case kind == events.Object && !step.element:
			if isEvent(v) {
				v = s.Lookup(step.key)
			} else {
				v = v.Lookup(step.key)
			}
		case kind == events.Array && step.element:
			v = element(v, step.number)
		case kind == events.String && step.element:
			v = character(v, step.number)
		case step.optional:
			return nil, none
		default:
			return nil, broken
		}
	}
	return v, yes
}

// isEvent reports whether v is the event itself.
func isEvent(v events.Value) bool { return len(v) > 0 && &v[0] == &event[0] }

// element returns an element of an array, nil if there is none.
func element(list events.Value, number int) events.Value {
	if number < 0 {
		for range list.Elements() {
			number++
		}
	}
	if number < 0 {
		return nil
	}
	for elem := range list.Elements() {
		if number--; number < 0 {
			return elem
		}
	}
	return nil
}

// character returns a character of a string, as gojq but not jq has it, nil if there is
// none.
func character(text events.Value, number int) events.Value {
	all := []rune(text.String())
	if number < 0 {
		number += len(all)
	}
	if number < 0 || number >= len(all) {
		return nil
	}
	v, _ := spelled(string(all[number]))
	return v
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

func isTrue(_ *events.Scanner, v events.Value) outcome { return truth(truthy(v)) }

// on is the condition that check says of the value at p.
func (p path) on(check func(s *events.Scanner, v events.Value) outcome) condition {
	return func(_ context.Context, s *events.Scanner, from events.Value) outcome {
		v, o := p.value(s, from)
		if o != yes {
			return o
		}
		return check(s, v)
	}
}

// pathOf returns the path that q takes from at, if it is one: keys and numbers of elements
// one after the other, and a literal after //.
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
		step, ok := vars.stepOf(t.Index)
		if !ok {
			return nil, false
		}
		p = p.then(step)
	case gojq.TermTypeFunc:
		derive := derivations[t.Func.Name]
		if derive == nil || len(t.Func.Args) > 0 {
			return nil, false
		}
		p = p.then(step{derive: derive})
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
			step, ok := vars.stepOf(suffix.Index)
			if !ok {
				return nil, false
			}
			p = p.then(step)
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
		if step.optional && (len(at)+i > 0 || !step.toKey()) { // the event has keys: its ? means nothing
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

// stepOf returns the step of an index that is a literal string or number.
func (vars variables) stepOf(x *gojq.Index) (s step, ok bool) {
	if key, ok := vars.keyOf(x); ok {
		return step{key: key}, true
	}
	if x.IsSlice || x.Start == nil {
		return step{}, false
	}
	value, _ := vars.constant(x.Start)
	number, ok := gojq.ToInt(value)
	return step{number: number, element: true}, ok
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
