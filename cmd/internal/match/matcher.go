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

// Require adds a predicate.
func (m *Matcher) Require(p selection.Predicate) {
	m.conditions = append(m.conditions, condition{holds: p})
}

// requireEval adds a condition that can fail.
func (m *Matcher) requireEval(eval func(context.Context, *events.Scanner) (bool, error)) {
	m.conditions = append(m.conditions, condition{eval: eval})
}
