package selection

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"auditctl/pkg/events"
)

// ParseField reads an expression over one key: key=v, key!=v, key~=regexp,
// key!~regexp (both RE2), key<n, key<=n, key>n or key>=n. The key is read as by
// [ParseKeys]; a backslash makes an operator part of it as well. An event that
// lacks the key is not wanted, whatever the operator.
//
// Blanks around the key and the operand do not count. An operand in double quotes is
// a JSON string, with which they do: key="two words ". A text that has quotes itself
// is "\"so\"".
//
// = and != compare texts (null and true are texts here as well), and numbers
// also by their value: 1e3 equals 1000.
// Numbers of any size and precision are compared exactly.
func ParseField(expr string) (Predicate, error) {
	key, op, operand, err := splitField(expr)
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
			return ok && compares(op, n.compare(bound))
		}
	}
	return func(s *events.Scanner) bool {
		v := key.Value(s)
		return v != nil && test(s, v)
	}, nil
}

// compares reports whether a comparison that has the result c holds, which is negative if the
// value is less than the operand, and positive if it is greater.
func compares(op string, c int) bool {
	switch op {
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

// FieldKey returns the key that an expression of [ParseField] is about, and the text
// that it compares it with, "" if it does not.
func FieldKey(expr string) (key Key, text string, err error) {
	key, op, text, err := splitField(expr)
	if op != "=" && op != "!=" {
		text = ""
	}
	return key, text, err
}

// splitField splits an expression into the key, the operator and the operand.
func splitField(expr string) (key Key, op, operand string, err error) {
	key, rest := cutKey(strings.TrimLeft(expr, " "), "=!~<>")
	if rest == "" {
		return nil, "", "", fmt.Errorf("field %q: no operator: want key=value, or one of != ~= !~ < <= > >=", expr)
	}
	for _, op := range []string{"!=", "~=", "!~", "<=", ">=", "=", "<", ">"} {
		if operand, ok := strings.CutPrefix(rest, op); ok {
			switch {
			case key[0] == "":
				return nil, "", "", fmt.Errorf("field %q: no key before %s", expr, op)
			case op == "=" && strings.HasPrefix(operand, "="):
				return nil, "", "", fmt.Errorf("field %q: no operator ==: write key=v", expr)
			case op == "=" && strings.HasPrefix(operand, "~"):
				return nil, "", "", fmt.Errorf("field %q: no operator =~: write key~=regexp", expr)
			case op == "=" && isBound(operand):
				return nil, "", "", fmt.Errorf("field %q: no operator =%c: write key%c=n", expr, operand[0], operand[0])
			}
			operand, err = unquoted(strings.Trim(operand, " "))
			if err != nil {
				return nil, "", "", fmt.Errorf("field %q: %w", expr, err)
			}
			return key, op, operand, nil
		}
	}
	return nil, "", "", fmt.Errorf("field %q: no operator %q: want = != ~= !~ < <= > >=", expr, rest[0])
}

// isBound reports whether what follows a = is a number with < or > before it, which
// is a bound whose operator is the wrong way round.
func isBound(operand string) bool {
	if operand == "" || operand[0] != '<' && operand[0] != '>' {
		return false
	}
	_, ok := parseDecimal([]byte(strings.Trim(operand[1:], " ")))
	return ok
}

// unquoted returns what an operand in double quotes says, and others as they are.
func unquoted(operand string) (text string, err error) {
	if len(operand) < 2 || operand[0] != '"' || operand[len(operand)-1] != '"' {
		return operand, nil
	}
	if json.Unmarshal([]byte(operand), &text) != nil {
		return "", fmt.Errorf("%s is no JSON string: leave the quotes out, or write \\\" and \\\\ in them", operand)
	}
	return text, nil
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
