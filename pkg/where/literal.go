package where

import (
	"cmp"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// A literal is a string, number, true, false or null that is spelled out in an
// expression.
type literal struct {
	rank    int
	text    string  // of a string
	integer string  // the digits of a number that is one, with its sign
	float   float64 // of a number
}

// The ranks of values in the order of jq.
const (
	rankNull = iota
	rankFalse
	rankTrue
	rankNumber
	rankString
	rankArray
	rankObject
)

func rank(v events.Value) int {
	switch v.Kind() {
	case events.Bool:
		if v[0] == 't' {
			return rankTrue
		}
		return rankFalse
	case events.Number:
		return rankNumber
	case events.String:
		return rankString
	case events.Array:
		return rankArray
	case events.Object:
		return rankObject
	}
	return rankNull
}

// literalOf returns the literal that q is, or that a variable has, if it is one.
func (vars variables) literalOf(q *gojq.Query) (l literal, ok bool) {
	value, ok := vars.constant(q)
	if !ok {
		return literal{}, false
	}
	switch value := value.(type) {
	case nil:
		l.rank = rankNull
	case bool:
		l.rank = rankFalse
		if value {
			l.rank = rankTrue
		}
	case string:
		l.rank, l.text = rankString, value
	case int:
		l.rank, l.integer = rankNumber, strconv.Itoa(value)
	case *big.Int:
		l.rank, l.integer = rankNumber, value.String()
	case float64:
		l.rank = rankNumber
	}
	if l.rank == rankNumber {
		l.float, _ = gojq.ToFloat64(value)
	}
	return l, true
}

// constant returns the value of q as gojq has it, if q is a literal or a variable.
func (vars variables) constant(q *gojq.Query) (value any, ok bool) {
	t := q.Term
	if t == nil || len(q.FuncDefs) > 0 {
		return nil, false
	}
	if value, ok := vars.value(t); ok {
		return value, true
	}
	if len(t.SuffixList) > 0 {
		return nil, false
	}
	switch t.Type {
	case gojq.TermTypeQuery:
		return vars.constant(t.Query)
	case gojq.TermTypeUnary:
		if t := t.Unary.Term; t.Type != gojq.TermTypeNumber || len(t.SuffixList) > 0 {
			return nil, false
		}
	case gojq.TermTypeString:
		if t.Str.Queries != nil {
			return nil, false
		}
	case gojq.TermTypeNull, gojq.TermTypeTrue, gojq.TermTypeFalse, gojq.TermTypeNumber:
	default:
		return nil, false
	}
	value, ok = q.Run(nil).Next()
	return value, ok
}

// stringOf returns the text of a literal string, or of a variable.
func (vars variables) stringOf(q *gojq.Query) (text string, ok bool) {
	value, _ := vars.constant(q)
	text, ok = value.(string)
	return text, ok
}

// spelled returns a constant as JSON spells it, if it can.
func spelled(value any) (v events.Value, ok bool) {
	f, isFloat := value.(float64)
	if isFloat && math.IsInf(f, 0) {
		return nil, false
	}
	v, err := gojq.Marshal(value)
	if isFloat && isInteger(v) {
		v = append(v, "e0"...) // else it would be compared exactly
	}
	return v, err == nil
}

// compare returns -1, 0 or 1 as v comes before, equals or comes after l in the
// order of jq.
func (l *literal) compare(s *events.Scanner, v events.Value) int {
	r := rank(v)
	switch {
	case r != l.rank:
		return cmp.Compare(r, l.rank)
	case r == rankNumber:
		return l.compareNumber(v)
	case r == rankString:
		switch text := s.Text(v); {
		case string(text) == l.text:
			return 0
		case string(text) < l.text:
			return -1
		}
		return 1
	}
	return 0
}

// compareNumber compares integers exactly and others as floats, as gojq does.
func (l *literal) compareNumber(v events.Value) int {
	if l.integer != "" && isInteger(v) {
		return compareIntegers(string(v), l.integer)
	}
	f, _ := strconv.ParseFloat(string(v), 64) // infinite where it is out of range
	return cmp.Compare(f, l.float)
}

func isInteger(v events.Value) bool {
	for _, c := range v {
		if c == '.' || c == 'e' || c == 'E' {
			return false
		}
	}
	return true
}

// compareIntegers compares integers that JSON can spell.
func compareIntegers(a, b string) int {
	a, aNegative := unsigned(a)
	b, bNegative := unsigned(b)
	switch {
	case aNegative && bNegative:
		a, b = b, a
	case aNegative:
		return -1
	case bNegative:
		return 1
	}
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}

// unsigned returns the digits of an integer and whether it is below zero.
func unsigned(integer string) (digits string, negative bool) {
	digits, negative = strings.CutPrefix(integer, "-")
	return digits, negative && digits != "0"
}
