package cmd

import (
	"context"
	"errors"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
	"auditctl/pkg/events"
)

// An outlet takes events and passes on what it makes of them.
type outlet struct {
	// take appends what goes to the collector for the event that s scanned,
	// with its line feed, and reports whether it took the event. An error is a
	// *events.SyntaxError if it cannot make anything of the event. Any other one is
	// about whether the event is wanted; it is comparable, and may be an explainer.
	take func(ctx context.Context, dst []byte, s *events.Scanner) (lines []byte, took bool, err error)

	// then makes of these lines what goes to the collector, batch after batch in
	// their order; nil: nothing is made of them.
	then arranger
	to   fanout.Group
}

// An arranger makes something of events that one of them alone does not tell. It
// is used by one goroutine.
type arranger interface {
	// arrange appends what is to be passed on now that these lines of an input
	// came. It returns errEnough if no more is wanted.
	arrange(dst, lines []byte, in *input.Input) ([]byte, error)

	// rest appends some of what was held back when no more lines come, nothing
	// once that is all.
	rest(dst []byte) []byte
}

// A chain is an arranger behind the surroundings, which hold back nothing that
// is passed on at the end.
type chain struct {
	first  *surroundings
	second arranger
}

func (c chain) arrange(dst, lines []byte, in *input.Input) ([]byte, error) {
	lines, enough := c.first.arrange(nil, lines, in)
	dst, err := c.second.arrange(dst, lines, in)
	return dst, errors.Join(enough, err)
}

func (c chain) rest(dst []byte) []byte { return c.second.rest(dst) }

// showing returns an outlet's take that passes on what show appends for wanted
// events.
func showing(wanted *matcher, show func([]byte, *events.Scanner) []byte) func(context.Context, []byte, *events.Scanner) ([]byte, bool, error) {
	return func(ctx context.Context, dst []byte, s *events.Scanner) ([]byte, bool, error) {
		took, err := wanted.match(ctx, s)
		if took {
			dst = show(dst, s)
		}
		return dst, took, err
	}
}

// appendLine shows an event as its line.
func appendLine(dst []byte, s *events.Scanner) []byte {
	return append(append(dst, s.Line()...), '\n')
}
