package follow

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// How often a File looks by itself: where nothing tells it of changes, and
// where something does, in case it misses some, as on network file systems.
const (
	pollInterval = 250 * time.Millisecond
	slowInterval = time.Second
)

// A Watcher wakes Files when there may be something new for them. It watches
// the directories that they are in. Where the system has no notifications, or
// no more of them, the Files look every quarter of a second.
type Watcher struct {
	notify *fsnotify.Watcher // nil: there are no notifications
	closed chan struct{}
	slow   time.Duration // between looks where it is told of changes

	mu    sync.Mutex
	names map[string][]*File // whom to wake
}

// NewWatcher returns a Watcher that is told of changes, if the system can.
func NewWatcher() *Watcher {
	w := NewPoller()
	if notify, err := fsnotify.NewWatcher(); err == nil {
		w.notify = notify
		go w.run()
	}
	return w
}

// NewPoller returns a Watcher that is told nothing.
func NewPoller() *Watcher {
	return &Watcher{closed: make(chan struct{}), slow: slowInterval, names: map[string][]*File{}}
}

// Close ends the waiting of all Files. It may be called once, at any time.
func (w *Watcher) Close() {
	close(w.closed)
	if w.notify != nil {
		w.notify.Close()
	}
}

// run wakes Files until the Watcher is closed.
func (w *Watcher) run() {
	for {
		select {
		case event, ok := <-w.notify.Events:
			if !ok {
				return
			}
			// A file that was moved away may still be written to.
			for name := event.Name; !os.IsPathSeparator(name[len(name)-1]); name = name[:len(name)-1] {
				w.wake(name)
			}
		case _, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			w.wakeAll() // there were more events than the system keeps
		}
	}
}

func (w *Watcher) wake(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.names[name] {
		f.wakeUp()
	}
}

func (w *Watcher) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, files := range w.names {
		for _, f := range files {
			f.wakeUp()
		}
	}
}

// watch makes names, which are absolute, those that f is woken for, instead of
// those before. It reports whether all can be watched.
func (w *Watcher) watch(f *File, names []string) bool {
	if w.notify == nil {
		return false
	}
	w.mu.Lock()
	for _, name := range f.names {
		w.names[name] = slices.DeleteFunc(w.names[name], func(other *File) bool { return other == f })
		if len(w.names[name]) == 0 {
			delete(w.names, name)
		}
	}
	f.names = names
	for _, name := range names {
		w.names[name] = append(w.names[name], f)
	}
	w.mu.Unlock()

	all := true
	for _, name := range names {
		// A directory that is watched already may be another one now.
		all = w.notify.Add(filepath.Dir(name)) == nil && all
	}
	return all
}
