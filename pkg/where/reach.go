package where

import (
	"slices"
	"strconv"

	"github.com/itchyny/gojq"
)

// A reach is what an expression looks at in the event.
type reach struct {
	keys  []string // top-level ones that it names
	whole bool     // it may look at others as well
}

// keysOf returns the reach of q, whose input is the event. What it does not know
// to be confined to keys is whole.
func keysOf(q *gojq.Query) reach {
	var r reach
	r.query(q)
	return r
}

func (r *reach) key(name string) {
	if !slices.Contains(r.keys, name) {
		r.keys = append(r.keys, name)
	}
}

func (r *reach) query(q *gojq.Query) {
	if q == nil {
		return
	}
	if len(q.FuncDefs) > 0 {
		r.whole = true // names may mean anything
		return
	}
	r.patterns(q.Patterns)
	switch q.Op {
	case 0:
		r.term(q.Term)
	case gojq.OpPipe:
		r.query(q.Left)
		if len(q.Patterns) > 0 || passes(q.Left) {
			r.query(q.Right)
		}
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul,
		gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		r.whole = true
		r.query(q.Left)
	default:
		r.query(q.Left)
		r.query(q.Right)
	}
}

// passes reports whether every output of q is its input.
func passes(q *gojq.Query) bool {
	t := q.Term
	if t == nil || len(q.FuncDefs) > 0 || len(t.SuffixList) > 0 {
		return false
	}
	return t.Type == gojq.TermTypeIdentity || t.Type == gojq.TermTypeFunc && t.Func.Name == "select"
}

func (r *reach) term(t *gojq.Term) {
	if t == nil {
		r.whole = true
		return
	}
	for _, suffix := range t.SuffixList {
		if x := suffix.Index; x != nil {
			r.string(x.Str)
			r.query(x.Start)
			r.query(x.End)
		}
	}
	switch t.Type {
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber, gojq.TermTypeBreak:
	case gojq.TermTypeIndex:
		r.index(t.Index)
	case gojq.TermTypeFunc:
		r.call(t.Func)
	case gojq.TermTypeObject:
		r.object(t.Object)
	case gojq.TermTypeArray:
		r.query(t.Array.Query)
	case gojq.TermTypeUnary:
		r.term(t.Unary.Term)
	case gojq.TermTypeString:
		r.string(t.Str)
	case gojq.TermTypeFormat:
		r.whole = r.whole || t.Str == nil
		r.string(t.Str)
	case gojq.TermTypeIf:
		r.branches(t.If)
	case gojq.TermTypeTry:
		r.query(t.Try.Body)
	case gojq.TermTypeReduce:
		r.patterns(t.Reduce.Patterns)
		r.query(t.Reduce.Query)
		r.query(t.Reduce.Start)
	case gojq.TermTypeForeach:
		r.patterns(t.Foreach.Patterns)
		r.query(t.Foreach.Query)
		r.query(t.Foreach.Start)
	case gojq.TermTypeLabel:
		r.query(t.Label.Body)
	case gojq.TermTypeQuery:
		r.query(t.Query)
	default: // the event itself, or all that is in it
		r.whole = true
	}
}

func (r *reach) index(x *gojq.Index) {
	if key, ok := noVariables.keyOf(x); ok {
		r.key(key)
		return
	}
	r.whole = true
	r.string(x.Str)
	r.query(x.Start)
	r.query(x.End)
}

func (r *reach) call(f *gojq.Func) {
	switch name := f.Name + "/" + strconv.Itoa(len(f.Args)); name {
	case "empty/0", "now/0":
	case "error/1", "isempty/1", "first/1", "last/1", "any/2", "all/2": // the second looks at outputs of the first
		r.query(f.Args[0])
	case "limit/2", "IN/2":
		r.query(f.Args[0])
		r.query(f.Args[1])
	case "has/1":
		if key, ok := noVariables.stringOf(f.Args[0]); ok {
			r.key(key)
			return
		}
		r.whole = true
		r.query(f.Args[0])
	case "select/1":
		r.whole = true
		r.query(f.Args[0])
	default:
		r.whole = r.whole || f.Name[0] != '$' // what a variable has was looked at before
	}
}

func (r *reach) object(o *gojq.Object) {
	for _, kv := range o.KeyVals {
		switch {
		case kv.Val != nil:
			r.string(kv.KeyString)
			r.query(kv.KeyQuery)
			r.query(kv.Val)
		case kv.Key != "" && kv.Key[0] != '$': // {key} is {key: .key}
			r.key(kv.Key)
		case kv.KeyString != nil && kv.KeyString.Queries == nil:
			r.key(kv.KeyString.Str)
		case kv.Key == "":
			r.whole = true
		}
	}
}

func (r *reach) branches(i *gojq.If) {
	r.query(i.Cond)
	r.query(i.Then)
	for _, elif := range i.Elif {
		r.query(elif.Cond)
		r.query(elif.Then)
	}
	r.query(i.Else)
	r.whole = r.whole || i.Else == nil // else it is the event
}

// string looks at what is interpolated into a string.
func (r *reach) string(s *gojq.String) {
	if s != nil {
		for _, q := range s.Queries {
			r.query(q)
		}
	}
}

// patterns looks at patterns, of which only names are known to look at nothing.
func (r *reach) patterns(patterns []*gojq.Pattern) {
	for _, p := range patterns {
		r.whole = r.whole || p.Name == ""
	}
}
