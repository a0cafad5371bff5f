package cmd

import (
	"context"
	"io"

	"auditctl/cmd/internal/fanout"
	"auditctl/cmd/internal/input"
)

// follow returns how inputs are followed, until stop is called. The context it returns
// ends with ctx, and, if out is the only output, when that is a pipe that nobody reads any
// more; else out is nil.
func follow(ctx context.Context, out io.Writer) (until context.Context, read func([]*input.Input, *input.Options) input.Source, stop func()) {
	left := func() {}
	if out != nil {
		ctx, left = whileRead(ctx, out, fanout.ErrEnough)
	}
	// The flow itself stops when ctx ends; reading stops only after it.
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	read = func(inputs []*input.Input, opts *input.Options) input.Source {
		return input.Follow(reading, inputs, opts)
	}
	return ctx, read, func() {
		stopReading()
		left()
	}
}
