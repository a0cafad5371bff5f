package where

import (
	"context"
	"maps"
	"slices"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// An iteration is q | .[] | rest.
type iteration struct {
	list     *gojq.Query // q
	optional bool        // .[]?
	rest     *gojq.Query
}

// atElement is the path that stays at the element of which a condition says something.
var atElement = path{{stay: true}}

// some translates what iterates over values to whether one of its outputs is wanted, as
// outputs of an expression are looked at, and those of any.
func (t *translation) some(q *gojq.Query, at path) condition {
	it, ok := t.vars.iterationOf(q)
	if !ok {
		return nil
	}
	list, ok := t.vars.pathOf(it.list, at)
	if !ok {
		return nil
	}
	c := t.query(it.rest, atElement)
	if c == nil {
		c = t.some(it.rest, atElement)
	}
	if c == nil {
		return nil
	}
	return it.until(list, c)
}

// quantified translates any and all.
func (t *translation) quantified(f *gojq.Func, at path) condition {
	identity := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}}
	it, said := iteration{list: identity, rest: identity}, identity
	switch len(f.Args) {
	case 1:
		said = f.Args[0]
	case 2:
		var ok bool
		if it, ok = t.vars.iterationOf(f.Args[0]); !ok {
			return nil
		}
		said = f.Args[1]
	}
	inside := at
	if len(at) > 0 {
		inside = atElement // which at leads to
	}
	list, ok := t.vars.pathOf(it.list, inside)
	c := t.query(piped(it.rest, said), atElement)
	if !ok || c == nil {
		return nil
	}
	found, otherwise := it.until(list, c), no
	if f.Name == "all" {
		found, otherwise = not(it.until(list, not(c))), yes
	}
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		v, o := at.value(s, v)
		if o != yes {
			return o
		}
		if o = found(ctx, s, v); o == none {
			return otherwise
		}
		return o
	}
}

// until is a condition that looks at one element after the other until c holds of one of
// them, or fails. It has no output if there is no such element.
func (it *iteration) until(list path, c condition) condition {
	otherwise := broken
	if it.optional {
		otherwise = none
	}
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		v, o := list.value(s, v)
		if o != yes {
			return o
		}
		if kind := v.Kind(); kind != events.Array && kind != events.Object {
			return otherwise
		}
		return c.first(ctx, s, v)
	}
}

// first returns the first outcome that is yes or broken, of what is in an array or object.
func (c condition) first(ctx context.Context, s *events.Scanner, v events.Value) outcome {
	for elem := range v.Elements() {
		if o := c(ctx, s, elem); o == yes || o == broken {
			return o
		}
	}
	if v.Kind() == events.Object {
		for _, elem := range sorted(s, v) {
			if o := c(ctx, s, elem); o == yes || o == broken {
				return o
			}
		}
	}
	return none
}

// sorted returns the values of an object in the order of gojq, which is that of its keys.
func sorted(s *events.Scanner, object events.Value) []events.Value {
	members := object.Members()
	if isEvent(object) {
		members = s.Members()
	}
	byKey := map[string]events.Value{}
	for key, val := range members {
		byKey[string(key)] = val
	}
	var values []events.Value
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		values = append(values, byKey[key])
	}
	return values
}

// iterationOf returns the first iteration of q, if all of its outputs are made of elements
// of that: PATH[], what is piped from there, and comparisons of it with a literal.
func (vars variables) iterationOf(q *gojq.Query) (it iteration, ok bool) {
	switch {
	case len(q.FuncDefs) > 0 || len(q.Patterns) > 0 || q.Meta != nil:
		return it, false
	case q.Op == gojq.OpPipe:
		if it, ok = vars.iterationOf(q.Left); ok {
			it.rest = piped(it.rest, q.Right)
			return it, true
		}
		it, ok = vars.iterationOf(q.Right)
		it.list = piped(q.Left, it.list)
		return it, ok
	case isComparison(q.Op):
		rest := *q
		if _, ok := vars.constant(q.Right); ok {
			it, ok = vars.iterationOf(q.Left)
			rest.Left, it.rest = it.rest, &rest
			return it, ok
		}
		if _, ok := vars.constant(q.Left); ok {
			it, ok = vars.iterationOf(q.Right)
			rest.Right, it.rest = it.rest, &rest
			return it, ok
		}
		return it, false
	case q.Term == nil:
		return it, false
	}
	suffixes := q.Term.SuffixList
	if q.Term.Type == gojq.TermTypeQuery && len(suffixes) == 0 {
		return vars.iterationOf(q.Term.Query)
	}
	i := slices.IndexFunc(suffixes, func(s *gojq.Suffix) bool { return s.Iter })
	if i < 0 {
		return it, false
	}
	list := *q.Term
	list.SuffixList = suffixes[:i]
	suffixes = suffixes[i+1:]
	if it.optional = len(suffixes) > 0 && suffixes[0].Optional; it.optional {
		suffixes = suffixes[1:]
	}
	it.list = &gojq.Query{Term: &list}
	it.rest = &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity, SuffixList: suffixes}}
	return it, true
}

// piped returns left | right.
func piped(left, right *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: left, Op: gojq.OpPipe, Right: right}
}

func isComparison(op gojq.Operator) bool {
	switch op {
	case gojq.OpEq, gojq.OpNe, gojq.OpLt, gojq.OpLe, gojq.OpGt, gojq.OpGe:
		return true
	}
	return false
}
