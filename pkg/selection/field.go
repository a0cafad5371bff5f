package selection

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"auditctl/pkg/events"
)

// ParseField reads an expression over one key: key=v, key!=v, key~=regexp,
// key!~regexp (both RE2), key<n, key<=n, key>n or key>=n. Dots in the key reach
// into objects, and by number into arrays; a backslash before a dot or an
// operator makes it part of the key. An event that lacks the key is not wanted,
// whatever the operator.
//
// = and != compare texts, and numbers also by their value: 1e3 equals 1000.
func ParseField(expr string) (Predicate, error) {
	path, op, operand, err := splitField(expr)
	if err != nil {
		return nil, err
	}
	var test func(s *events.Scanner, v events.Value) bool
	switch op {
	case "=", "!=":
		equal := equalTo(operand)
		test = func(s *events.Scanner, v events.Value) bool { return equal(s, v) == (op == "=") }
	case "~=", "!~":
		re, err := regexp.Compile(operand)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", expr, err)
		}
		test = func(s *events.Scanner, v events.Value) bool { return re.Match(s.Text(v)) == (op == "~=") }
	default:
		bound, ok := parseNumber([]byte(operand))
		if !ok {
			return nil, fmt.Errorf("field %q: %s compares numbers, and %q is none", expr, op, operand)
		}
		test = func(_ *events.Scanner, v events.Value) bool {
			if v.Kind() != events.Number {
				return false
			}
			n, ok := parseNumber(v)
			if !ok {
				return false
			}
			switch c := n.compare(bound); op {
			case "<":
				return c < 0
			case "<=":
				return c <= 0
			case ">":
				return c > 0
			default:
				return c >= 0
			}
		}
	}
	return func(s *events.Scanner) bool {
		v := s.Lookup(path[0])
		for _, step := range path[1:] {
			v = within(v, step)
		}
		return v != nil && test(s, v)
	}, nil
}

// within returns the value of a key of an object or the element of an array.
func within(v events.Value, step string) events.Value {
	if v.Kind() != events.Array {
		return v.Lookup(step)
	}
	index, err := strconv.Atoi(step)
	if err != nil {
		return nil
	}
	for elem := range v.Elements() {
		if index == 0 {
			return elem
		}
		index--
	}
	return nil
}

// splitField splits an expression into the steps of its key, the operator and
// the operand.
func splitField(expr string) (path []string, op, operand string, err error) {
	var step strings.Builder
	for i := 0; i < len(expr); i++ {
		switch c := expr[i]; c {
		case '\\':
			if i++; i < len(expr) {
				step.WriteByte(expr[i])
			}
		case '.':
			path = append(path, step.String())
			step.Reset()
		case '=', '!', '~', '<', '>':
			path = append(path, step.String())
			for _, op := range []string{"!=", "~=", "!~", "<=", ">=", "=", "<", ">"} {
				if operand, ok := strings.CutPrefix(expr[i:], op); ok {
					if path[0] == "" {
						return nil, "", "", fmt.Errorf("field %q: no key before %s", expr, op)
					}
					return path, op, operand, nil
				}
			}
			return nil, "", "", fmt.Errorf("field %q: no operator %q: want = != ~= !~ < <= > >=", expr, c)
		default:
			step.WriteByte(c)
		}
	}
	return nil, "", "", fmt.Errorf("field %q: no operator: want key=value, or one of != ~= !~ < <= > >=", expr)
}

// equalTo returns the test for an operand of = and !=.
func equalTo(operand string) func(*events.Scanner, events.Value) bool {
	want, isNumber := parseNumber([]byte(operand))
	return func(s *events.Scanner, v events.Value) bool {
		if string(s.Text(v)) == operand {
			return true
		}
		if !isNumber || v.Kind() != events.Number {
			return false
		}
		n, ok := parseNumber(v)
		return ok && n.compare(want) == 0
	}
}

// A number is a JSON number: exact where it is an integer of 64 bits.
type number struct {
	isInt bool
	int   int64
	float float64
}

func parseNumber(text []byte) (number, bool) {
	if n, ok := parseInt(text); ok {
		return number{isInt: true, int: n, float: float64(n)}, true
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || bytes.ContainsAny(text, "xX_nN") { // Go's own spellings, inf and nan
		return number{}, false
	}
	return number{float: f}, true
}

func parseInt(text []byte) (n int64, ok bool) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if c-'0' > 9 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}

func (n number) compare(m number) int {
	switch {
	case n.isInt && m.isInt && n.int < m.int, !(n.isInt && m.isInt) && n.float < m.float:
		return -1
	case n.isInt && m.isInt && n.int > m.int, !(n.isInt && m.isInt) && n.float > m.float:
		return 1
	}
	return 0
}
