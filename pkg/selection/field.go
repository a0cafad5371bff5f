package selection

import (
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
// = and != compare texts (null and true are texts here as well), and numbers
// also by their value: 1e3 equals 1000.
// Numbers of any size and precision are compared exactly.
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
		bound, ok := parseDecimal([]byte(operand))
		if !ok {
			return nil, fmt.Errorf("field %q: %s compares numbers, and %q is none", expr, op, operand)
		}
		test = func(_ *events.Scanner, v events.Value) bool {
			n, ok := parseDecimal(v)
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
	index, err := strconv.ParseUint(step, 10, 32)
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
					switch {
					case path[0] == "":
						return nil, "", "", fmt.Errorf("field %q: no key before %s", expr, op)
					case op == "=" && strings.HasPrefix(operand, "="):
						return nil, "", "", fmt.Errorf("field %q: no operator ==: write key=v", expr)
					case op == "=" && strings.HasPrefix(operand, "~"):
						return nil, "", "", fmt.Errorf("field %q: no operator =~: write key~=regexp", expr)
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
	want, isNumber := parseDecimal([]byte(operand))
	return func(s *events.Scanner, v events.Value) bool {
		if string(s.Text(v)) == operand {
			return true
		}
		n, ok := parseDecimal(v)
		return ok && isNumber && n.compare(want) == 0
	}
}
