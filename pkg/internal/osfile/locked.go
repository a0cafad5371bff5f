package osfile

import (
	"context"
	"io"
	"io/fs"
	"os"
	"time"
)

// LockContext is [Lock], but returns the cause of ctx when that is done before others have
// released theirs.
func LockContext(ctx context.Context, f Descriptor) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 16*time.Millisecond) {
		if locked, err := TryLock(f); err != nil || locked {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// OpenLocked opens the file at a path with open and locks it with [Lock]. If another file
// is at the path by the time it has the lock, it opens that one instead.
func OpenLocked[F interface {
	Descriptor
	io.Closer
	Stat() (fs.FileInfo, error)
}](path string, open func() (F, error)) (F, error) {
	var none F
	for {
		f, err := open()
		if err != nil {
			return none, err
		}
		if err := Lock(f); err != nil {
			f.Close()
			return none, err
		}
		if LeadsTo(path, f) {
			return f, nil
		}
		f.Close()
	}
}

// LeadsTo reports whether a path leads to an open file.
func LeadsTo(path string, f interface{ Stat() (fs.FileInfo, error) }) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(have, now)
}
