package where

import (
	"fmt"
	"reflect"

	"github.com/itchyny/gojq"
)

// refuseAssignments returns an error if what an assignment makes is taken for a
// condition somewhere in q: it is neither null nor false, whatever the event is.
func refuseAssignments(q *gojq.Query) error {
	for _, condition := range append(conditions(q), q) {
		if a := assignment(condition); a != nil {
			return fmt.Errorf("%s assigns, and so it is true of every event: compare with ==", a)
		}
	}
	return nil
}

// conditions returns the conditions in an expression.
func conditions(q *gojq.Query) (all []*gojq.Query) {
	walk(reflect.ValueOf(q), func(part any) {
		switch part := part.(type) {
		case *gojq.Query:
			switch {
			case part.Op == gojq.OpAnd || part.Op == gojq.OpOr:
				all = append(all, part.Left, part.Right)
			case part.Op == gojq.OpPipe && part.Right.String() == "not":
				all = append(all, part.Left)
			}
		case *gojq.Func:
			if n := len(part.Args); n > 0 && (part.Name == "select" || part.Name == "any" || part.Name == "all") {
				all = append(all, part.Args[n-1])
			}
		case *gojq.If:
			all = append(all, part.Cond)
		case *gojq.IfElif:
			all = append(all, part.Cond)
		}
	})
	return all
}

// assignment returns the assignment that makes the outputs of q, or some of them; nil
// if none does.
func assignment(q *gojq.Query) *gojq.Query {
	if q == nil {
		return nil
	}
	switch q.Op {
	case gojq.OpAssign, gojq.OpModify, gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul,
		gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		return q
	case gojq.OpPipe:
		return assignment(q.Right)
	case gojq.OpComma, gojq.OpAlt:
		return firstAssignment(q.Left, q.Right)
	}
	if q.Term == nil {
		return nil
	}
	for _, suffix := range q.Term.SuffixList {
		if !suffix.Optional {
			return nil
		}
	}
	switch t := q.Term; t.Type {
	case gojq.TermTypeQuery:
		return assignment(t.Query)
	case gojq.TermTypeTry:
		return assignment(t.Try.Body)
	case gojq.TermTypeLabel:
		return assignment(t.Label.Body)
	case gojq.TermTypeIf:
		branches := []*gojq.Query{t.If.Then, t.If.Else}
		for _, elif := range t.If.Elif {
			branches = append(branches, elif.Then)
		}
		return firstAssignment(branches...)
	}
	return nil
}

func firstAssignment(queries ...*gojq.Query) *gojq.Query {
	for _, q := range queries {
		if a := assignment(q); a != nil {
			return a
		}
	}
	return nil
}
