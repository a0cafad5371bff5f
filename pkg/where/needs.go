package where

import "github.com/itchyny/gojq"

// Needs returns what must be for the expression to want an event: one comparison, at least,
// of each group is that of a value with the text that it has. Else the expression does not
// fail on the event either.
func (e *Expr) Needs() [][]Comparison { return e.needs }

// needs returns the groups of a query whose input is the event. It is safe if the query
// has one output on every event, and so cannot fail.
func (vars variables) needs(q *gojq.Query) (groups [][]Comparison, safe bool) {
	if len(q.FuncDefs) > 0 || len(q.Patterns) > 0 {
		return nil, false
	}
	switch q.Op {
	case gojq.OpAnd:
		groups, safe = vars.needs(q.Left)
		if safe { // else what it leads to is not known
			var more [][]Comparison
			more, safe = vars.needs(q.Right)
			groups = append(groups, more...)
		}
		return groups, safe
	case gojq.OpOr:
		left, safeLeft := vars.needs(q.Left)
		right, safeRight := vars.needs(q.Right)
		if len(left) > 0 && len(right) > 0 {
			groups = [][]Comparison{append(left[0], right[0]...)}
		}
		return groups, safeLeft && safeRight
	case gojq.OpEq, gojq.OpNe, gojq.OpLt, gojq.OpLe, gojq.OpGt, gojq.OpGe:
		return vars.neededBy(q)
	case gojq.OpPipe:
		return vars.neededByIN(q)
	}
	if t := q.Term; t != nil && t.Type == gojq.TermTypeQuery && len(t.SuffixList) == 0 {
		return vars.needs(t.Query)
	}
	return nil, false
}

// neededBy is needs for the comparison of a key with a literal.
func (vars variables) neededBy(q *gojq.Query) (groups [][]Comparison, safe bool) {
	value, operand := q.Left, q.Right
	if _, ok := vars.literalOf(operand); !ok {
		value, operand = operand, value
	}
	key, isKey := vars.topKey(value)
	l, isLiteral := vars.literalOf(operand)
	if !isKey || !isLiteral {
		return nil, false
	}
	if q.Op == gojq.OpEq && l.rank == rankString {
		groups = [][]Comparison{{{key, l.text}}}
	}
	return groups, true
}

// neededByIN is needs for KEY | IN(...) with literals.
func (vars variables) neededByIN(q *gojq.Query) (groups [][]Comparison, safe bool) {
	key, ok := vars.topKey(q.Left)
	call := q.Right.Term
	if !ok || len(q.Right.FuncDefs) > 0 || call == nil || call.Type != gojq.TermTypeFunc || len(call.SuffixList) > 0 || call.Func.Name != "IN" || len(call.Func.Args) != 1 {
		return nil, false
	}
	literals, ok := vars.literals(call.Func.Args[0])
	if !ok {
		return nil, false
	}
	var group []Comparison
	for _, l := range literals {
		if l.rank != rankString {
			return nil, true
		}
		group = append(group, Comparison{key, l.text})
	}
	return [][]Comparison{group}, true
}

// topKey returns the top-level key whose value a query is, if it is that of one.
func (vars variables) topKey(q *gojq.Query) (key string, ok bool) {
	p, ok := vars.pathOf(q, nil)
	if !ok || len(p) != 1 || !p[0].toKey() {
		return "", false
	}
	return p[0].key, true
}
