package follow

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxLists is how many directories are listed at once, each of which is an open file.
const maxLists = 8

// A lister lists directories for many Files: those that ask while a directory is listed
// share its next list.
type lister struct {
	room chan struct{} // for those that list

	mu   sync.Mutex
	dirs map[string]*listing
}

func newLister() *lister {
	return &lister{room: make(chan struct{}, maxLists), dirs: make(map[string]*listing)}
}

// A listing is the last list of a directory.
type listing struct {
	mu    sync.Mutex
	begun time.Time
	names []string // sorted
	err   error
}

// names returns the names in a directory that begin with prefix, sorted, as they are now or
// were after the call.
func (l *lister) names(dir, prefix string) ([]string, error) {
	asked := time.Now()
	l.mu.Lock()
	d := l.dirs[dir]
	if d == nil {
		d = new(listing)
		l.dirs[dir] = d
	}
	l.mu.Unlock()

	d.mu.Lock()
	defer d.mu.Unlock()
	if d.begun.Before(asked) {
		l.room <- struct{}{}
		d.begun = time.Now()
		d.names, d.err = namesIn(dir)
		<-l.room
	}
	from, _ := slices.BinarySearch(d.names, prefix)
	names := d.names[from:]
	for i, name := range names {
		if !strings.HasPrefix(name, prefix) {
			return names[:i:i], d.err
		}
	}
	return names, d.err
}

func namesIn(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}
