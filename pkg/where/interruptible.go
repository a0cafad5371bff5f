package where

import (
	"reflect"

	"github.com/itchyny/gojq"
)

// interruptible lets a part of an expression use [plus] and [times] for + and *, and
// for what is made of them: assignments and strings with something interpolated. All
// else stays as it is.
func interruptible(part reflect.Value) {
	switch part.Kind() {
	case reflect.Pointer:
		if part.IsNil() {
			return
		}
		interruptible(part.Elem())
		switch part := part.Interface().(type) {
		case *gojq.Query:
			interruptibleQuery(part)
		case *gojq.Term:
			interruptibleString(part)
		}
	case reflect.Struct:
		for i := range part.NumField() {
			interruptible(part.Field(i))
		}
	case reflect.Slice:
		for i := range part.Len() {
			interruptible(part.Index(i))
		}
	}
}

func interruptibleQuery(q *gojq.Query) {
	switch q.Op {
	case gojq.OpAdd:
		q.Term, q.Left, q.Op, q.Right = call(plusName, q.Left, q.Right), nil, 0, nil
	case gojq.OpMul:
		q.Term, q.Left, q.Op, q.Right = call(timesName, q.Left, q.Right), nil, 0, nil
	case gojq.OpUpdateAdd:
		interruptibleUpdate(q, plusName)
	case gojq.OpUpdateMul:
		interruptibleUpdate(q, timesName)
	}
}

// interruptibleUpdate makes of p += v what gojq does: v as $x | p |= . + $x.
func interruptibleUpdate(q *gojq.Query, operator string) {
	const x = "$%x"
	it := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}}
	update := &gojq.Query{Left: q.Left, Op: gojq.OpModify, Right: &gojq.Query{Term: call(operator, it, &gojq.Query{Term: call(x)})}}
	q.Left, q.Op, q.Patterns, q.Right = q.Right, gojq.OpPipe, []*gojq.Pattern{{Name: x}}, update
}

// interruptibleString makes of a string with something interpolated the sum that it
// is.
func interruptibleString(t *gojq.Term) {
	if t.Str == nil || len(t.Str.Queries) == 0 {
		return
	}
	format := call("tostring")
	if t.Type == gojq.TermTypeFormat {
		format = &gojq.Term{Type: gojq.TermTypeFormat, Format: t.Format}
	}
	var sum *gojq.Query
	for _, q := range t.Str.Queries {
		if q.Term.Str == nil {
			q = &gojq.Query{Left: q, Op: gojq.OpPipe, Right: &gojq.Query{Term: format}}
		}
		if sum == nil {
			sum = q
		} else {
			sum = &gojq.Query{Term: call(plusName, sum, q)}
		}
	}
	*t = gojq.Term{Type: gojq.TermTypeQuery, Query: sum, SuffixList: t.SuffixList}
}

func call(name string, args ...*gojq.Query) *gojq.Term {
	return &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: args}}
}
