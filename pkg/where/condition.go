package where

import (
	"context"

	"auditctl/pkg/events"
)

// A condition is what an expression says of a value of the event that s scanned, or of the
// event itself.
type condition func(ctx context.Context, s *events.Scanner, v events.Value) outcome

// An outcome is what became of a condition.
type outcome uint8

const (
	no outcome = iota
	yes
	none   // the expression has no output
	broken // the expression failed
)

func truth(b bool) outcome {
	if b {
		return yes
	}
	return no
}

func both(left, right condition) condition {
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		if o := left(ctx, s, v); o != yes {
			return o
		}
		return right(ctx, s, v)
	}
}

func either(left, right condition) condition {
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		if o := left(ctx, s, v); o != no {
			return o
		}
		return right(ctx, s, v)
	}
}

func not(c condition) condition {
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		switch o := c(ctx, s, v); o {
		case yes:
			return no
		case no:
			return yes
		default:
			return o
		}
	}
}

// selected is select(c) of what is neither null nor false: it, or nothing.
func selected(c condition) condition {
	return func(ctx context.Context, s *events.Scanner, v events.Value) outcome {
		if o := c(ctx, s, v); o != no {
			return o
		}
		return none
	}
}

// run is what gojq says. It shows the expression the keys that it looks at.
func run(p program, looks reach) condition {
	input := func(s *events.Scanner) any { return decodeKeys(s, looks.keys) }
	if looks.whole {
		input = decodeEvent
	}
	return func(ctx context.Context, s *events.Scanner, _ events.Value) outcome {
		outputs := p.run(ctx, input(s))
		for {
			v, ok := outputs.Next()
			switch v.(type) {
			case nil:
				if !ok {
					return no
				}
			case error:
				return broken
			default:
				if v != false {
					return yes
				}
			}
		}
	}
}
