package cmd

import (
	"context"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// whileRead returns a context that ends with cause when w is a pipe that
// nobody reads any more.
func whileRead(ctx context.Context, w io.Writer, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	if f, ok := w.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode()&os.ModeNamedPipe != 0 {
			go func() {
				// No events are requested: POLLERR is reported regardless.
				pipe := []unix.PollFd{{Fd: int32(f.Fd())}}
				for ctx.Err() == nil {
					if n, _ := unix.Poll(pipe, int(time.Second/time.Millisecond)); n > 0 {
						cancel(cause)
					}
				}
			}()
		}
	}
	return ctx, func() { cancel(nil) }
}
