package index

import (
	"context"
	"os"
	"time"
)

// A clock is the one from which a file system takes change times, which need not be this
// machine's, and never is as fine.
type clock interface {
	now() (time.Time, error)
	sleep(ctx context.Context, d time.Duration) error
}

// A fileClock is the clock of a file system that a file is in. What is written to it does not
// matter yet.
type fileClock struct{ file *os.File }

func (c fileClock) now() (time.Time, error) {
	if _, err := c.file.WriteAt([]byte(magic[:1]), 0); err != nil {
		return time.Time{}, err
	}
	st, err := stateOf(c.file)
	return st.changed, err
}

func (c fileClock) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
