package where

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// call translates a call of a function.
func (t *translation) call(f *gojq.Func, at path) condition {
	switch name, args := f.Name, f.Args; {
	case name == "not" && len(args) == 0:
		return at.on(func(_ *events.Scanner, v events.Value) outcome { return truth(!truthy(v)) })
	case name == "select" && len(args) == 1:
		if c := t.query(args[0], at); c != nil {
			return both(selected(c), at.on(isTrue))
		}
	case (name == "any" || name == "all") && len(args) <= 2:
		return t.quantified(f, at)
	case name == "IN" && len(args) == 1:
		return t.in(args[0], at)
	case name == "has" && len(args) == 1:
		return t.has(args[0], at)
	case name == "test" && (len(args) == 1 || len(args) == 2):
		return t.test(args, at)
	case name == "startswith" && len(args) == 1:
		return t.affix(args[0], at, bytes.HasPrefix)
	case name == "endswith" && len(args) == 1:
		return t.affix(args[0], at, bytes.HasSuffix)
	case name == "contains" && len(args) == 1:
		return t.affix(args[0], at, bytes.Contains)
	}
	return nil
}

// in translates IN with literals.
func (t *translation) in(arg *gojq.Query, at path) condition {
	list, ok := t.vars.literals(arg)
	if !ok {
		return nil
	}
	for _, l := range list {
		t.equals(at, l)
	}
	return at.on(func(s *events.Scanner, v events.Value) outcome {
		for i := range list {
			if list[i].compare(s, v) == 0 {
				return yes
			}
		}
		return no
	})
}

// literals returns the literals of a list with commas, if it has nothing else.
func (vars variables) literals(q *gojq.Query) (list []literal, ok bool) {
	for q != nil {
		last := q
		if q.Op == gojq.OpComma && len(q.FuncDefs) == 0 {
			q, last = q.Left, q.Right
		} else {
			q = nil
		}
		l, ok := vars.literalOf(last)
		if !ok {
			return nil, false
		}
		list = append(list, l)
	}
	return list, true
}

// has translates has with a literal key.
func (t *translation) has(arg *gojq.Query, at path) condition {
	key, ok := t.vars.stringOf(arg)
	if !ok {
		return nil
	}
	if len(at) == 0 {
		return at.on(func(s *events.Scanner, _ events.Value) outcome { return truth(s.Lookup(key) != nil) })
	}
	return at.on(func(_ *events.Scanner, v events.Value) outcome {
		switch v.Kind() {
		case events.Absent, events.Null:
			return no
		case events.Object:
			return truth(v.Lookup(key) != nil)
		}
		return broken
	})
}

// affix translates a function that looks for a literal in a string.
func (t *translation) affix(arg *gojq.Query, at path, find func(text, part []byte) bool) condition {
	text, ok := t.vars.stringOf(arg)
	if !ok {
		return nil
	}
	part := []byte(text)
	return at.on(func(s *events.Scanner, v events.Value) outcome {
		if v.Kind() != events.String {
			return broken
		}
		return truth(find(s.Text(v), part))
	})
}

// test translates test with a literal regular expression and literal flags.
func (t *translation) test(args []*gojq.Query, at path) condition {
	expr, ok := t.vars.stringOf(args[0])
	if !ok {
		return nil
	}
	if len(args) == 2 {
		flags, ok := t.vars.stringOf(args[1])
		if !ok || strings.Trim(flags, "gim") != "" {
			return nil
		}
		if strings.Contains(flags, "i") {
			expr = "(?i)" + expr
		}
		if strings.Contains(flags, "m") {
			expr = "(?s)" + expr
		}
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		t.err = fmt.Errorf("test: %w", err)
		return nil
	}
	return at.on(func(s *events.Scanner, v events.Value) outcome {
		if v.Kind() != events.String {
			return broken
		}
		return truth(re.Match(s.Text(v)))
	})
}
