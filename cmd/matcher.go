package cmd

import (
	"context"

	"auditctl/pkg/events"
	"auditctl/pkg/selection"
)

// A matcher says which events are wanted. Many goroutines may use it at once.
type matcher struct {
	conditions []condition // all of them must hold
	invert     bool        // wants the other events
}

// A condition is a predicate, or where that is nil, one that can fail.
type condition struct {
	holds selection.Predicate
	eval  func(ctx context.Context, s *events.Scanner) (bool, error)
}

// match reports whether the event that s scanned is wanted. An error says of which
// condition it cannot be told; that one does not hold. If ctx has ended, the answer
// to an event with an error means nothing.
func (m *matcher) match(ctx context.Context, s *events.Scanner) (bool, error) {
	for i := range m.conditions {
		c := &m.conditions[i]
		if c.holds != nil {
			if !c.holds(s) {
				return m.invert, nil
			}
		} else if ok, err := c.eval(ctx, s); !ok {
			return m.invert, err
		}
	}
	return !m.invert, nil
}

// require adds predicates.
func (m *matcher) require(predicates ...selection.Predicate) {
	for _, p := range predicates {
		m.conditions = append(m.conditions, condition{holds: p})
	}
}

// requireEval adds a condition that can fail.
func (m *matcher) requireEval(eval func(context.Context, *events.Scanner) (bool, error)) {
	m.conditions = append(m.conditions, condition{eval: eval})
}
