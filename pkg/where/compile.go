package where

import (
	"slices"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// A translation makes conditions of queries. Its methods return nil for what they
// cannot translate, but for compile.
type translation struct {
	vars  variables
	gojq  bool         // some of it is left to gojq
	err   error        // what cannot be read
	equal []Comparison // that were translated
}

// equals notes that a value at a path is compared with a literal.
func (t *translation) equals(p path, l literal) {
	if len(p) == 0 || !p[0].toKey() || l.rank != rankString || slices.ContainsFunc(p[1:], func(s step) bool { return s.instead == nil }) {
		return
	}
	if c := (Comparison{p[0].key, l.text}); !slices.Contains(t.equal, c) {
		t.equal = append(t.equal, c)
	}
}

// compile returns the condition that q is. Where a chain of and, or of or, begins
// with what needs no gojq, only the rest is left to it.
func (t *translation) compile(q *gojq.Query) condition {
	if c := t.query(q, nil); c != nil || t.err != nil {
		return c
	}
	if c := t.some(q, nil); c != nil || t.err != nil {
		return c
	}
	if len(q.FuncDefs) == 0 {
		switch {
		case isCall(q, "select", 1):
			if c := t.some(q.Term.Func.Args[0], nil); c != nil {
				return c
			}
		case q.Term != nil && q.Term.Type == gojq.TermTypeQuery && len(q.Term.SuffixList) == 0:
			return t.compile(q.Term.Query)
		case q.Op == gojq.OpAnd || q.Op == gojq.OpOr:
			if head, rest := t.head(q); head != nil {
				return joined(q.Op, head, t.compile(rest))
			}
		}
	}
	code, err := t.vars.compile(q)
	if err != nil {
		t.err = err
		return nil
	}
	t.gojq = true
	return run(code, keysOf(q))
}

// joined puts two conditions together with and or or.
func joined(op gojq.Operator, left, right condition) condition {
	if op == gojq.OpAnd {
		return both(left, right)
	}
	return either(left, right)
}

// head translates the first operands of a chain of q's operator, and returns the
// rest of the chain as a query. They have one output at most, so that what the
// rest says is what q says.
func (t *translation) head(q *gojq.Query) (head condition, rest *gojq.Query) {
	if c := t.query(q.Left, nil); c != nil {
		return c, q.Right
	}
	if q.Left.Op != q.Op || len(q.Left.FuncDefs) > 0 {
		return nil, nil
	}
	head, rest = t.head(q.Left)
	return head, &gojq.Query{Left: rest, Op: q.Op, Right: q.Right}
}

// query translates q, whose input is the value at a path.
func (t *translation) query(q *gojq.Query, at path) condition {
	if len(q.FuncDefs) > 0 || len(q.Imports) > 0 || q.Meta != nil {
		return nil
	}
	if p, ok := t.vars.pathOf(q, at); ok {
		return p.on(isTrue)
	}
	switch q.Op {
	case gojq.OpPipe:
		return t.pipe(q, at)
	case gojq.OpAnd, gojq.OpOr:
		left, right := t.query(q.Left, at), t.query(q.Right, at)
		if left == nil || right == nil {
			return nil
		}
		return joined(q.Op, left, right)
	case gojq.OpEq, gojq.OpNe, gojq.OpLt, gojq.OpLe, gojq.OpGt, gojq.OpGe:
		return t.comparison(q, at)
	}
	if q.Term == nil || len(q.Term.SuffixList) > 0 {
		return nil
	}
	switch q.Term.Type {
	case gojq.TermTypeQuery:
		return t.query(q.Term.Query, at)
	case gojq.TermTypeTrue:
		return at.on(func(*events.Scanner, events.Value) outcome { return yes })
	case gojq.TermTypeFalse, gojq.TermTypeNull:
		return at.on(func(*events.Scanner, events.Value) outcome { return no })
	case gojq.TermTypeFunc:
		return t.call(q.Term.Func, at)
	}
	return nil
}

// pipe translates PATH | ... and ... | not.
func (t *translation) pipe(q *gojq.Query, at path) condition {
	if len(q.Patterns) > 0 {
		return nil
	}
	if p, ok := t.vars.pathOf(q.Left, at); ok {
		return t.query(q.Right, p)
	}
	if isCall(q.Left, "select", 1) {
		left, right := t.query(q.Left.Term.Func.Args[0], at), t.query(q.Right, at)
		if left == nil || right == nil {
			return nil
		}
		return both(selected(left), right)
	}
	if right := q.Right.Term; right == nil || right.String() != "not" || len(q.Right.FuncDefs) > 0 {
		return nil
	}
	if c := t.query(q.Left, at); c != nil {
		return not(c)
	}
	return nil
}

// isCall reports whether q calls a function with so many arguments.
func isCall(q *gojq.Query, name string, args int) bool {
	t := q.Term
	return len(q.FuncDefs) == 0 && t != nil && t.Type == gojq.TermTypeFunc && len(t.SuffixList) == 0 && t.Func.Name == name && len(t.Func.Args) == args
}

// comparison translates the comparison of a path with a literal.
func (t *translation) comparison(q *gojq.Query, at path) condition {
	op, value, operand := q.Op, q.Left, q.Right
	if _, ok := t.vars.literalOf(operand); !ok {
		op, value, operand = mirrored(op), operand, value
	}
	p, isPath := t.vars.pathOf(value, at)
	l, isLiteral := t.vars.literalOf(operand)
	if !isPath || !isLiteral {
		return nil
	}
	if op == gojq.OpEq || op == gojq.OpNe {
		t.equals(p, l)
	}
	return p.on(func(s *events.Scanner, v events.Value) outcome {
		switch c := l.compare(s, v); op {
		case gojq.OpEq:
			return truth(c == 0)
		case gojq.OpNe:
			return truth(c != 0)
		case gojq.OpLt:
			return truth(c < 0)
		case gojq.OpLe:
			return truth(c <= 0)
		case gojq.OpGt:
			return truth(c > 0)
		default:
			return truth(c >= 0)
		}
	})
}

// mirrored is the operator that says the same with its operands exchanged.
func mirrored(op gojq.Operator) gojq.Operator {
	switch op {
	case gojq.OpLt:
		return gojq.OpGt
	case gojq.OpLe:
		return gojq.OpGe
	case gojq.OpGt:
		return gojq.OpLt
	case gojq.OpGe:
		return gojq.OpLe
	}
	return op
}
