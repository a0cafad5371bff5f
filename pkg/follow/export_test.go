package follow

import (
	"errors"
	"os"
	"time"
)

// NewNotifiedWatcher returns a Watcher whose Files look only when notified.
func NewNotifiedWatcher() *Watcher {
	w := NewWatcher()
	w.slow = time.Hour
	return w
}

// Look looks at the path, as reading does.
func (f *File) Look() error { return f.look() }

// TryRead is Read for a File whose Watcher is closed: it returns 0, nil instead of
// waiting.
func (f *File) TryRead(p []byte) (int, error) {
	n, err := f.Read(p)
	if n == 0 && errors.Is(err, os.ErrClosed) {
		err = nil
	}
	return n, err
}
