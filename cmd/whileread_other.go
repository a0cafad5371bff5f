//go:build !linux

package cmd

import (
	"context"
	"io"
)

// whileRead returns ctx: that nobody reads w any more shows at the next write.
func whileRead(ctx context.Context, w io.Writer, cause error) (context.Context, context.CancelFunc) {
	return context.WithCancel(ctx)
}
