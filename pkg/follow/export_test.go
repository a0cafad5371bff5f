package follow

import (
	"errors"
	"os"
	"time"
)

// NewWatcherOnlyTold returns a Watcher whose Files do not look by themselves.
func NewWatcherOnlyTold() *Watcher {
	w := NewWatcher()
	w.slow = time.Hour
	return w
}

// Look looks at the path, as reading does.
func (f *File) Look() error { return f.look() }

// TryRead is Read for a File whose Watcher is closed, which does not wait: it
// returns 0, nil where Read waits.
func (f *File) TryRead(p []byte) (int, error) {
	n, err := f.Read(p)
	if n == 0 && errors.Is(err, os.ErrClosed) {
		err = nil
	}
	return n, err
}
