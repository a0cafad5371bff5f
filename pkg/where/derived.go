package where

import (
	"bytes"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"auditctl/pkg/events"
)

// A derivation is a function without arguments that makes a value of another. The outcome
// is broken where it cannot.
type derivation func(s *events.Scanner, v events.Value) (events.Value, outcome)

var derivations = map[string]derivation{"type": typeOf, "length": lengthOf, "ascii_downcase": lowered}

var typeNames = [...]events.Value{
	events.Absent: events.Value(`"null"`),
	events.Null:   events.Value(`"null"`),
	events.Bool:   events.Value(`"boolean"`),
	events.Number: events.Value(`"number"`),
	events.String: events.Value(`"string"`),
	events.Array:  events.Value(`"array"`),
	events.Object: events.Value(`"object"`),
}

func typeOf(_ *events.Scanner, v events.Value) (events.Value, outcome) {
	return typeNames[v.Kind()], yes
}

func lengthOf(s *events.Scanner, v events.Value) (events.Value, outcome) {
	n := 0
	switch v.Kind() {
	case events.Bool:
		return nil, broken
	case events.Number:
		return bytes.TrimPrefix(v, []byte("-")), yes
	case events.String:
		n = utf8.RuneCount(s.Text(v))
	case events.Array:
		for range v.Elements() {
			n++
		}
	case events.Object:
		n = len(sorted(s, v))
	}
	if small := numbers(); n < len(small) {
		return small[n], yes
	}
	return events.Value(strconv.Itoa(n)), yes
}

// numbers are those that most lengths are, as JSON spells them.
var numbers = sync.OnceValue(func() []events.Value {
	small := make([]events.Value, 1000)
	for i := range small {
		small[i] = events.Value(strconv.Itoa(i))
	}
	return small
})

func lowered(s *events.Scanner, v events.Value) (events.Value, outcome) {
	if v.Kind() != events.String {
		return nil, broken
	}
	if !bytes.ContainsFunc(v, func(r rune) bool { return 'A' <= r && r <= 'Z' }) && bytes.IndexByte(v, '\\') < 0 {
		return v, yes
	}
	lower, _ := spelled(strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, v.String()))
	return lower, yes
}
