// Package match decides which events the flags of a command select, and reports at the
// end what in the flags looks like a mistake: names and keys that no event had,
// expressions that failed, and parts of events that could not be read.
//
// Messages name the flags. Errors are about the values of flags; the caller turns them
// into usage errors.
package match

import (
	"context"

	"auditctl/pkg/events"
	"auditctl/pkg/index"
	"auditctl/pkg/selection"
)

// A Matcher decides which events are wanted. Many goroutines may use it at once.
type Matcher struct {
	Invert bool // want the other events instead

	conditions []condition // all of them must hold
}

// A condition is a predicate or, if that is nil, a function that can fail.
type condition struct {
	holds selection.Predicate
	eval  func(ctx context.Context, s *events.Scanner) (bool, error)
	in    func(b *index.Block) selection.Bounds // of both
}

// Match reports whether the event that s scanned is wanted. An error is that of a
// condition which could not be evaluated, and so does not hold. If ctx has ended and
// there is an error, the answer means nothing.
func (m *Matcher) Match(ctx context.Context, s *events.Scanner) (bool, error) {
	for i := range m.conditions {
		c := &m.conditions[i]
		if c.holds != nil {
			if !c.holds(s) {
				return m.Invert, nil
			}
		} else if ok, err := c.eval(ctx, s); !ok {
			return m.Invert, err
		}
	}
	return !m.Invert, nil
}

// In returns of how many events of a block the answer is yes, by what an index knows of it.
// Each condition is only asked about those of which all before it hold.
func (m *Matcher) In(b *index.Block) selection.Bounds {
	in := selection.Exactly(b.Events)
	for i := range m.conditions {
		in = in.And(b, m.conditions[i].in)
	}
	if m.Invert {
		in = in.Not(b)
	}
	return in
}

// Require adds a predicate of which no index knows anything.
func (m *Matcher) Require(p selection.Predicate) { m.require(p, selection.Unknown) }

// require adds a predicate, and the function that says how often it holds in a block.
func (m *Matcher) require(p selection.Predicate, in func(b *index.Block) selection.Bounds) {
	m.conditions = append(m.conditions, condition{holds: p, in: in})
}

// requireEval adds a condition that can fail.
func (m *Matcher) requireEval(eval func(context.Context, *events.Scanner) (bool, error), in func(b *index.Block) selection.Bounds) {
	m.conditions = append(m.conditions, condition{eval: eval, in: in})
}
