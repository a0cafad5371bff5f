//go:build !linux

package cmd

import (
	"context"
	"io"
)

// whileRead returns ctx: only the next write shows that nobody reads w any more.
func whileRead(ctx context.Context, w io.Writer, cause error) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
