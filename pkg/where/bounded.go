package where

import (
	"errors"
	"reflect"

	"github.com/itchyny/gojq"
)

// ErrTooLarge is in the error of an expression that joins a value larger than
// [MaxValue] allows.
var ErrTooLarge = errors.New("a value is too large to be joined with another")

// boundedName is a name that no expression can spell: the function fails for values
// that are too large.
const boundedName = "%bounded"

// bounded puts what +, * and strings with something interpolated join through the
// function, and what += and *= join with. Each of them copies all of it in one step of
// gojq, which nothing can interrupt; a few of them, one after the other, would make any
// size. (What *= repeats is bounded by gojq, to 2 GiB.)
func bounded(q *gojq.Query) {
	walk(reflect.ValueOf(q), func(part any) {
		switch part := part.(type) {
		case *gojq.Query:
			switch part.Op {
			case gojq.OpAdd, gojq.OpMul:
				part.Left, part.Right = boundedQuery(part.Left), boundedQuery(part.Right)
			case gojq.OpUpdateAdd, gojq.OpUpdateMul:
				part.Right = boundedQuery(part.Right)
			}
		case *gojq.String:
			for i, q := range part.Queries {
				if q.Term == nil || q.Term.Str == nil { // else it is a piece of the string itself
					part.Queries[i] = boundedQuery(q)
				}
			}
		}
	})
}

// boundedQuery returns q | %bounded, which costs less than %bounded(q) does. A number
// that is spelled out stays as it is.
func boundedQuery(q *gojq.Query) *gojq.Query {
	if t := q.Term; t != nil && t.Type == gojq.TermTypeNumber && len(t.SuffixList) == 0 {
		return q
	}
	bounded := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: boundedName}}}
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeQuery, Query: &gojq.Query{Left: q, Op: gojq.OpPipe, Right: bounded}}}
}

// bound returns v, or an error.
func (vars variables) bound(v any, _ []any) any {
	size := 0
	switch v := v.(type) {
	case string:
		size = len(v)
	case []any:
		size = len(v) * 16
	}
	if size > vars.maxValue {
		return ErrTooLarge
	}
	return v
}
