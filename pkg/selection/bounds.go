package selection

import (
	"regexp"
	"slices"

	"auditctl/pkg/events"
	"auditctl/pkg/index"
)

// Bounds say of how many events of a block a condition holds, as far as an index knows.
type Bounds struct {
	Least, Most int64
	Fails       bool // it may fail on one of them
}

// None says that a condition holds of no event.
var None = Bounds{}

// Exactly returns the bounds where so many events are known to be those.
func Exactly(n int64) Bounds { return Bounds{Least: n, Most: n} }

// Unknown returns the bounds where nothing is known of a block's events.
func Unknown(b *index.Block) Bounds { return Bounds{Most: b.Events} }

// And returns the bounds of both conditions, of which the second is asked only about events
// of which the first holds.
func (a Bounds) And(b *index.Block, second func(b *index.Block) Bounds) Bounds {
	if a.Most == 0 {
		return a
	}
	other := second(b)
	return Bounds{
		Least: max(0, a.Least+other.Least-b.Events),
		Most:  min(a.Most, other.Most),
		Fails: a.Fails || other.Fails,
	}
}

// Not returns the bounds of a condition that holds where another one does not.
func (a Bounds) Not(b *index.Block) Bounds {
	return Bounds{Least: b.Events - a.Most, Most: b.Events - a.Least, Fails: a.Fails}
}

// OneOfIn returns the bounds of [OneOf].
func OneOfIn(b *index.Block, key string, globs []Glob) Bounds {
	matches := func(text string) bool {
		return slices.ContainsFunc(globs, func(g Glob) bool { return g.Match([]byte(text)) })
	}
	if values, ok := b.Values(key); ok {
		n := int64(0)
		for _, v := range values {
			if matches(v.Text) {
				n += v.Events
			}
		}
		return Exactly(n)
	}
	for i := range globs {
		if text, ok := globs[i].Literal(); !ok || b.May(key, text) {
			return Unknown(b)
		}
	}
	return None
}

// In returns the bounds of [SeverityRange.Eval].
func (r SeverityRange) In(b *index.Block) Bounds {
	values, ok := b.Values("severity")
	if !ok {
		return Bounds{Most: b.Events, Fails: true}
	}
	var in Bounds
	for _, v := range values {
		rank := events.Severity(v.Text).Rank()
		in.Fails = in.Fails || rank == 0
		if rank > 0 && r.least <= rank && rank <= r.most {
			in.Least += v.Events
		}
	}
	in.Most = in.Least
	return in
}

// In returns the bounds of [Period.Eval].
func (p Period) In(b *index.Block) Bounds {
	in := Bounds{Most: b.Timed, Fails: b.Untimed > 0}
	switch {
	case b.Timed == 0:
	case b.Last.Before(p.Since) || !b.First.Before(p.Until):
		in.Most = 0
	case !b.First.Before(p.Since) && b.Last.Before(p.Until):
		in.Least = b.Timed
	}
	return in
}

// FieldIn returns a function that returns the bounds of [ParseField], which has the same
// errors.
func FieldIn(expr string) (func(b *index.Block) Bounds, error) {
	key, op, operand, err := splitField(expr)
	if err != nil {
		return nil, err
	}
	if len(key) > 1 {
		return Unknown, nil
	}
	certain, possible, err := textTests(op, operand)
	if err != nil {
		return nil, err
	}
	equal, isNumber := op == "=", isDecimal(operand)
	return func(b *index.Block) Bounds {
		values, ok := b.Values(key[0])
		switch {
		case !ok && equal && !isNumber && operand != "null" && !b.May(key[0], operand):
			return None
		case !ok:
			return Unknown(b)
		}
		var in Bounds
		others := b.Events // that lack the key or have null
		for _, v := range values {
			others -= v.Events
			if certain(v.Text) {
				in.Least += v.Events
			}
			if possible(v.Text) {
				in.Most += v.Events
			}
		}
		if possible("null") {
			in.Most += others
		}
		return in
	}, nil
}

// textTests returns whether an operator holds of all values with a text, and of one of them
// at least: a number is equal to others, and a string with the same text is not.
func textTests(op, operand string) (certain, possible func(text string) bool, err error) {
	never := func(string) bool { return false }
	bound, ok := parseDecimal([]byte(operand))
	sameNumber := func(text string) bool {
		n, isNumber := parseDecimal([]byte(text))
		return ok && isNumber && n.compare(bound) == 0
	}
	switch op {
	case "=":
		return func(text string) bool { return text == operand },
			func(text string) bool { return text == operand || sameNumber(text) }, nil
	case "!=":
		return func(text string) bool { return text != operand && !sameNumber(text) },
			func(text string) bool { return text != operand }, nil
	case "~=", "!~":
		re, err := regexp.Compile(operand)
		if err != nil {
			return nil, nil, err
		}
		matches := func(text string) bool { return re.MatchString(text) == (op == "~=") }
		return matches, matches, nil
	default:
		return never, func(text string) bool {
			n, isNumber := parseDecimal([]byte(text))
			return ok && isNumber && compares(op, n.compare(bound))
		}, nil
	}
}

func isDecimal(text string) bool {
	_, ok := parseDecimal([]byte(text))
	return ok
}
