// Package match says which events the flags of a command want, and at the end what of
// the flags was in vain: names and keys that no event had, expressions that failed,
// what of the events could not be read.
//
// Messages name the flags. Errors are about what the flags say; the caller makes usage
// errors of them.
package match

import (
	"context"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A Matcher says which events are wanted. Many goroutines may use it at once.
type Matcher struct {
	Invert bool // wants the other events

	conditions []condition // all of them must hold
}

// A condition is a predicate, or where that is nil, one that can fail.
type condition struct {
	holds selection.Predicate
	eval  func(ctx context.Context, s *events.Scanner) (bool, error)
}

// Match reports whether the event that s scanned is wanted. An error says of which
// condition it cannot be told; that one does not hold. If ctx has ended, the answer
// to an event with an error means nothing.
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
