package where

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// An Option says what a name means in an expression, or how large values may be.
type Option func(*variables)

// Arg lets $name stand for a string.
func Arg(name, value string) Option {
	return func(vars *variables) {
		if vars.args == nil {
			vars.args = map[string]string{}
		}
		vars.args["$"+name] = value
	}
}

// Environ lets $ENV and env stand for an environment as os.Environ returns it.
// Without it they are empty.
func Environ(environ []string) Option {
	return func(vars *variables) { vars.environ = environ }
}

// MaxValue lets an expression fail with [ErrTooLarge] where + or * is given, or
// something interpolated into a string is, a string of more than so many bytes or an
// array of more than a sixteenth as many values. It bounds what one step can make,
// during which the end of a context is not noticed. Without it there is no bound.
func MaxValue(bytes int) Option {
	return func(vars *variables) { vars.maxValue = bytes }
}

// variables are what names stand for.
type variables struct {
	args     map[string]string // by their names with the dollar sign
	environ  []string
	maxValue int
}

// noVariables is for where a name may have been given another meaning, as it cannot
// be in what is translated.
var noVariables variables

// value returns what t means, if it is a variable or one of the environment.
func (vars variables) value(t *gojq.Term) (value any, ok bool) {
	if t.Type != gojq.TermTypeFunc || len(t.Func.Args) > 0 {
		return nil, false
	}
	switch name := t.Func.Name; {
	case len(t.SuffixList) == 0:
		value, ok = vars.args[name]
		return value, ok
	case len(t.SuffixList) == 1 && t.SuffixList[0].Index != nil && (name == "$ENV" || name == "env"):
		key, ok := vars.keyOf(t.SuffixList[0].Index)
		return vars.getenv(key), ok
	}
	return nil, false
}

// getenv returns a value of the environment as gojq has it.
func (vars variables) getenv(key string) (value any) {
	for _, pair := range vars.environ {
		if name, text, ok := strings.Cut(pair, "="); ok && name == key && name != "" {
			value = text // the last one counts
		}
	}
	return value
}

// A program is what gojq runs, and what its variables stand for.
type program struct {
	*gojq.Code
	values []any
}

func (vars variables) compile(q *gojq.Query) (program, error) {
	names := slices.Sorted(maps.Keys(vars.args))
	var values []any
	for _, name := range names {
		values = append(values, vars.args[name])
	}
	code, err := gojq.Compile(q,
		gojq.WithVariables(names),
		gojq.WithEnvironLoader(func() []string { return vars.environ }),
		gojq.WithFunction(boundedName, 0, 0, vars.bound),
	)
	return program{code, values}, err
}

// run runs the program on an event.
func (p program) run(ctx context.Context, input any) gojq.Iter {
	return p.RunWithContext(ctx, input, p.values...)
}
