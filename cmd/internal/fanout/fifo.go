package fanout

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"
	"time"
)

// A fifo is a FIFO that is written to without waiting longer than a context allows. What
// was not written by then never will be.
type fifo struct{ *os.File }

// openFIFO opens a FIFO once somebody reads it.
func openFIFO(ctx context.Context, path string) (*fifo, error) {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			if st, err := f.Stat(); err != nil || st.Mode()&os.ModeNamedPipe == 0 {
				f.Close()
				return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it was replaced")}
			}
			return &fifo{f}, nil
		}
		if !errors.Is(err, syscall.ENXIO) {
			return nil, err
		}
		if !pause(ctx) {
			return nil, errors.New("nobody reads it")
		}
	}
}

// write writes lines, each at once, so that one that is no longer than PIPE_BUF is written
// as a whole or not at all.
func (f *fifo) write(ctx context.Context, lines []byte) (taken int, err error) {
	stop := context.AfterFunc(ctx, func() { f.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	for line := range bytes.Lines(lines) {
		n, err := f.writeLine(ctx, line)
		taken += n
		if err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (f *fifo) writeLine(ctx context.Context, line []byte) (taken int, err error) {
	for taken < len(line) {
		n, err := f.Write(line[taken:])
		taken += max(n, 0)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return taken, context.Cause(ctx)
		case errors.Is(err, syscall.EAGAIN): // where the runtime does not wait for FIFOs
			if !pause(ctx) {
				return taken, context.Cause(ctx)
			}
		case err != nil:
			return taken, err
		}
	}
	return taken, nil
}

// pause waits a moment, and reports false if ctx is done.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(2 * time.Millisecond):
		return true
	case <-ctx.Done():
		return false
	}
}
