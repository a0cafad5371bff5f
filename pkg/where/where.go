// Package where selects events by expressions of jq.
//
// An event is wanted when the expression, with the event as its input, has an
// output that is neither null nor false, as with jq's select: outputs are looked
// at one after the other until one is wanted. An expression without output, as
// empty, wants nothing. One that fails before an output is wanted has failed: the
// event is not wanted, and the caller gets an error.
//
// The language is that of gojq, on the bytes that are there: integers of any size
// stay exact, if a key appears twice the last one counts, and half a surrogate
// pair is U+FFFD. There is no other input than the event (input, inputs), no
// environment but with [Environ], no debug, stderr or modules; halt and halt_error
// fail.
//
// Comparisons of a value with a literal, and, or, not, test, startswith, endswith,
// contains, has, IN and select are compiled to conditions that look at an event's
// bytes, as those of package selection do. The value may be deep inside, as in
// .message.content[0].type, be one of many, as in .content[] and any(.content[]; …),
// have a literal as an alternative, as in .tool_name // "", or be the type, length
// or ascii_downcase of another. What else there is runs in gojq; after "and" and "or" only for events that the part
// before left undecided. How much memory it takes there is for the caller to watch,
// who can end it with the context between two steps; [MaxValue] bounds what a step
// can make.
package where

import (
	"context"
	"errors"
	"math"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"auditctl/pkg/events"
)

// An Expr is an expression that was read. Many goroutines may use it at once.
type Expr struct {
	condition condition
	native    bool
	whole     program
	keys      *sightings
	equal     []Comparison
	needs     [][]Comparison
}

// A Comparison is that of the value of a top-level key with a text.
type Comparison struct{ Key, Text string }

// Parse reads an expression. The error says in which column, counted in bytes
// from 1, the expression breaks the grammar of jq. It is also an error if a name
// is not defined, a regular expression in it cannot be read, or an
// assignment, as in .a = 1, is where a condition is wanted: what it makes is true
// of every event.
func Parse(text string, options ...Option) (*Expr, error) {
	if !utf8.ValidString(text) {
		return nil, errors.New("not valid UTF-8")
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, syntaxError(err)
	}
	t := translation{vars: variables{maxValue: math.MaxInt}}
	for _, option := range options {
		option(&t.vars)
	}
	refused := refuseAssignments(query)
	bounded(query)
	whole, err := t.vars.compile(query)
	if err != nil {
		return nil, err
	}
	if refused != nil {
		return nil, refused
	}
	condition := t.compile(query)
	if t.err != nil {
		return nil, t.err
	}
	needs, _ := t.vars.needs(query)
	return &Expr{condition: condition, native: !t.gojq, whole: whole, keys: newSightings(keysOf(query).keys), equal: t.equal, needs: needs}, nil
}

// Native reports whether all of the expression was compiled to conditions on an
// event's bytes, and gojq runs none of it.
func (e *Expr) Native() bool { return e.native }

// ErrFailed is the error of an expression that failed; [Expr.Failure] says why.
var ErrFailed = errors.New("the expression failed")

// Eval reports whether the expression wants the event that s scanned, or
// ErrFailed. When ctx ends, an expression that runs fails.
func (e *Expr) Eval(ctx context.Context, s *events.Scanner) (bool, error) {
	switch e.condition(ctx, s, event) {
	case yes:
		return true, nil
	case broken:
		return false, ErrFailed
	}
	return false, nil
}

// Failure returns the error that the expression ends with on the event that s
// scanned, nil if it ends with none.
func (e *Expr) Failure(ctx context.Context, s *events.Scanner) error {
	outputs := e.whole.run(ctx, decodeEvent(s))
	for {
		v, ok := outputs.Next()
		if !ok {
			return nil
		}
		if err, ok := v.(error); ok {
			return err
		}
	}
}

// Equal returns the comparisons with literal texts, by ==, != or IN, that were compiled.
func (e *Expr) Equal() []Comparison { return e.equal }

// Note notes which of the top-level keys that the expression names the event has
// that s scanned.
func (e *Expr) Note(s *events.Scanner) { e.keys.note(s) }

// NoteKeys notes the top-level keys that the expression names and of which has knows that an
// event had them. It reports whether all of them have been noted.
func (e *Expr) NoteKeys(has func(key string) bool) bool { return e.keys.noteKeys(has) }

// Unseen returns the top-level keys that the expression names and no event had
// that was noted; none if no event was noted at all. Keys of what is not the event
// itself do not count, as in .metadata.region or .tools[] | .name, nor do those
// that the expression computes.
func (e *Expr) Unseen() []string { return e.keys.unseen() }
