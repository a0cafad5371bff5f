package flow

import (
	"context"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// An Outlet takes events and passes on what it makes of them.
type Outlet struct {
	// Take appends what goes to the destinations for an event, with its line feed, and
	// reports whether it took the event. An error is a *events.SyntaxError if the event
	// makes the line invalid. Any other error means that it is unknown whether the event
	// is wanted; it is comparable, and may be an Explainer.
	Take func(ctx context.Context, dst []byte, e *Event) (lines []byte, took bool, err error)

	// Original passes on, instead of what Take appended, the records of the input that
	// the events were made of, each once.
	Original bool

	// Then turns these lines into what goes to the destinations, block after block in
	// order; nil: the lines go there.
	Then Arranger
	To   fanout.Group

	locator Locator // Then, if it is one
}

// An Explainer is an error that can say more about the event that s scanned.
type Explainer interface {
	Explain(ctx context.Context, s *events.Scanner) error
}

// An Arranger makes something of several events together. It is used by one goroutine.
type Arranger interface {
	// Arrange appends what can be passed on after these lines of an input, or of
	// several if in is nil. It returns [fanout.ErrEnough] if it needs no more.
	Arrange(dst, lines []byte, in *input.Input) ([]byte, error)

	// Rest appends some of what was held back, after the last lines, and nothing once
	// that is all.
	Rest(dst []byte) []byte

	// Holds reports whether Arrange may hold something back.
	Holds() bool
}

// A Locator is an Arranger that gets to know where the events are.
type Locator interface {
	Arranger

	// Locate is called before Arrange, with the numbers of the lines in the input that the
	// events which the outlet took are from, in their order.
	Locate(lines []int64)
}

// A Predicate reports whether the event that s scanned is wanted. An error is that of
// a condition which could not be evaluated, and so does not hold. Many goroutines may
// use it at once.
type Predicate func(ctx context.Context, s *events.Scanner) (bool, error)

// Every is the Predicate that wants all events.
func Every(context.Context, *events.Scanner) (bool, error) { return true, nil }

// A Show appends the output for the event that s scanned. Its error is as that of
// [Outlet.Take].
type Show func(dst []byte, s *events.Scanner) ([]byte, error)

// Always returns a Show that never fails.
func Always(show func(dst []byte, s *events.Scanner) []byte) Show {
	return func(dst []byte, s *events.Scanner) ([]byte, error) { return show(dst, s), nil }
}

// Showing returns an [Outlet.Take] that passes on what show appends for what redaction left
// of wanted events. If show is nil, they are only taken.
func Showing(wanted Predicate, show Show) func(context.Context, []byte, *Event) ([]byte, bool, error) {
	return func(ctx context.Context, dst []byte, e *Event) ([]byte, bool, error) {
		took, err := wanted(ctx, e.Scanner)
		if took && show != nil {
			shown, failed := e.show(dst, show)
			if failed != nil {
				return dst, false, failed
			}
			dst = shown
		}
		return dst, took, err
	}
}

// AppendLine is the Show that appends the event's line.
func AppendLine(dst []byte, s *events.Scanner) ([]byte, error) {
	return append(append(dst, s.Line()...), '\n'), nil
}
