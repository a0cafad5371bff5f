package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"auditctl/pkg/internal/osfile"
)

// lock opens and locks a file of the spool, which it creates if there is none. It is locked
// until it is closed.
func (s *Spool) lock(name string, lock func(osfile.Descriptor) error) (osfile.File, error) {
	f, err := s.dir.Open(name, os.O_RDWR|os.O_CREATE|osfile.NoFollow)
	if err != nil {
		return nil, err
	}
	if err := lock(f.(osfile.Descriptor)); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// tryLock locks a file unless it is locked already.
func tryLock(f osfile.Descriptor) error {
	locked, err := osfile.TryLock(f)
	if err == nil && !locked {
		err = ErrBusy
	}
	return err
}

// waitLock returns a function that waits for a lock until ctx is done.
func waitLock(ctx context.Context) func(osfile.Descriptor) error {
	return func(f osfile.Descriptor) error { return osfile.LockContext(ctx, f) }
}

// patience is how long to wait for another process that changes files, which takes
// microseconds unless it was stopped.
const patience = time.Second

// lockFiles keeps other processes from changing the files of the queue until unlock is
// called.
func (q *Queue) lockFiles() (unlock func(), err error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errors.New("another process has it locked"))
	defer cancel()
	f, err := q.spool.lock(q.prefix, waitLock(ctx))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.spool.path(q.prefix), err)
	}
	if err := q.describe(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// describe writes the name of the destination to the file, unless it is there.
func (q *Queue) describe(f osfile.File) error {
	want := q.shown + "\n"
	have := make([]byte, len(want)+1)
	if n, _ := f.ReadAt(have, 0); string(have[:n]) == want {
		return nil
	}
	if _, err := f.WriteAt([]byte(want), 0); err != nil {
		return err
	}
	return f.Truncate(int64(len(want)))
}
