package follow

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"

	"auditctl/pkg/openfiles"
)

// How often a File looks by itself: without notifications, and with them, in case some
// are missed, as on network file systems.
const (
	pollInterval = 250 * time.Millisecond
	slowInterval = time.Second
)

// A Watcher wakes Files when there may be something to read. It watches the directories
// that they are in. Files that the system cannot watch look every quarter of a second,
// the others every second. It is safe for concurrent use.
type Watcher struct {
	// Files opens the files. Those that it closed are found again where they were moved.
	// It may be replaced before the first File.
	Files *openfiles.Pool

	notify *fsnotify.Watcher // nil: there are no notifications
	closed chan struct{}
	slow   time.Duration // between looks if there are notifications
	lister *lister

	created chan struct{} // has something when there may be a new entry in a directory

	mu    sync.Mutex
	names map[string][]*File // to be woken, by the path of what changes
}

// NewWatcher returns a Watcher that uses the system's notifications, if it has any.
func NewWatcher() *Watcher {
	w := NewPoller()
	if notify, err := fsnotify.NewWatcher(); err == nil {
		w.notify = notify
		go w.run()
	}
	return w
}

// NewPoller returns a Watcher without notifications.
func NewPoller() *Watcher {
	return &Watcher{
		Files: openfiles.NewPool(0), lister: newLister(),
		closed: make(chan struct{}), slow: slowInterval, names: map[string][]*File{},
		created: make(chan struct{}, 1),
	}
}

// Close makes all Files return [os.ErrClosed] instead of waiting. It may be called at any
// time, but only once.
func (w *Watcher) Close() {
	close(w.closed)
	if w.notify != nil {
		w.notify.Close()
	}
}

// sleep sleeps until it is woken or it is time to look, which is less often for those that
// are watched. It returns [os.ErrClosed] if the Watcher was closed.
func (w *Watcher) sleep(woken <-chan struct{}, watched bool) error {
	interval := pollInterval
	if watched {
		interval = w.slow
	}
	timer := time.NewTimer(interval)
	defer timer.Stop()
	select {
	case <-woken:
	case <-timer.C:
	case <-w.closed:
		return os.ErrClosed
	}
	return nil
}

// run wakes Files until the Watcher is closed.
func (w *Watcher) run() {
	for {
		select {
		case event, ok := <-w.notify.Events:
			if !ok {
				return
			}
			if event.Has(fsnotify.Create) {
				signal(w.created)
			}
			// A file that was moved may still be written to: wake by prefixes of its name.
			for name := event.Name; !os.IsPathSeparator(name[len(name)-1]); name = name[:len(name)-1] {
				w.wake(name)
			}
		case _, ok := <-w.notify.Errors:
			if !ok {
				return
			}
			w.wakeAll() // the system may have dropped events
			signal(w.created)
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

// watch sets the absolute paths whose changes wake f, instead of those before. It reports
// whether all of them can be watched.
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
		// Not only once: another directory may have taken the path.
		all = w.notify.Add(filepath.Dir(name)) == nil && all
	}
	return all
}
