package flow

import (
	"context"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// An Outlet takes events and passes on what it makes of them.
type Outlet struct {
	// Take appends what goes to the destinations for the event that s scanned,
	// with its line feed, and reports whether it took the event. An error is a
	// *events.SyntaxError if it cannot make anything of the event. Any other one is
	// about whether the event is wanted; it is comparable, and may be an Explainer.
	Take func(ctx context.Context, dst []byte, s *events.Scanner) (lines []byte, took bool, err error)

	// Then makes of these lines what goes to the destinations, block after block in
	// their order; nil: nothing is made of them.
	Then Arranger
	To   fanout.Group
}

// An Explainer is an error that says more about the event that s scanned, if asked to.
type Explainer interface {
	Explain(ctx context.Context, s *events.Scanner) error
}

// An Arranger makes something of events that one of them alone does not tell. It
// is used by one goroutine.
type Arranger interface {
	// Arrange appends what is to be passed on now that these lines of an input
	// came; of several inputs where that is nil. It returns [fanout.ErrEnough] if no
	// more is wanted.
	Arrange(dst, lines []byte, in *input.Input) ([]byte, error)

	// Rest appends some of what was held back when no more lines come, nothing
	// once that is all.
	Rest(dst []byte) []byte
}

// A Predicate reports whether the event that s scanned is wanted. An error is that of
// a condition which does not hold because it cannot be told. Many goroutines may use
// it at once.
type Predicate func(ctx context.Context, s *events.Scanner) (bool, error)

// Every wants all events.
func Every(context.Context, *events.Scanner) (bool, error) { return true, nil }

// A Show appends what is shown for the event that s scanned.
type Show func(dst []byte, s *events.Scanner) []byte

// Showing returns an [Outlet.Take] that passes on what show appends for wanted events.
func Showing(wanted Predicate, show Show) func(context.Context, []byte, *events.Scanner) ([]byte, bool, error) {
	return func(ctx context.Context, dst []byte, s *events.Scanner) ([]byte, bool, error) {
		took, err := wanted(ctx, s)
		if took {
			dst = show(dst, s)
		}
		return dst, took, err
	}
}

// AppendLine shows an event as its line.
func AppendLine(dst []byte, s *events.Scanner) []byte {
	return append(append(dst, s.Line()...), '\n')
}
