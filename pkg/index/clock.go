package index

import (
	"context"
	"os"
	"time"
)

// A clock is the one from which a file system takes change times, which need not be that of
// this machine and never is as fine, and a way to wait by it.
type clock struct {
	now   func() (time.Time, error)
	sleep func(ctx context.Context, d time.Duration) error
}

// clockOf returns the clock of the file system that a file is in. What is written to the file
// does not matter yet.
func clockOf(f *os.File) *clock {
	return &clock{
		now: func() (time.Time, error) {
			if _, err := f.WriteAt([]byte(Magic[:1]), 0); err != nil {
				return time.Time{}, err
			}
			st, err := stateOf(f)
			return st.changed, err
		},
		sleep: func(ctx context.Context, d time.Duration) error {
			select {
			case <-time.After(d):
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		},
	}
}
