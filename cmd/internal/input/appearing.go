package input

import (
	"path/filepath"
	"strings"
	"sync"

	"auditctl/pkg/compress"
	"auditctl/pkg/openfiles"
)

// An appearing follows logs that appear below directories.
type appearing struct {
	*following
	other  map[string]openfiles.ID // by real path: files that are read as another's, such as rotated ones
	failed map[string]bool         // by path: directories that could not be read, which was reported

	mu       sync.RWMutex
	followed map[string]*followed // by real path; only find writes to it
}

func newAppearing(f *following) *appearing {
	return &appearing{
		following: f, other: make(map[string]openfiles.ID), failed: make(map[string]bool),
		followed: make(map[string]*followed),
	}
}

// follow follows an input.
func (a *appearing) follow(in *Input) {
	one := newFollowed(a.following, in)
	switch {
	case in.err != nil:
		a.failed[in.path] = true
	case in.real != "":
		one.file.Others = func() bool { return a.isReadBut(one, in.real) }
		a.add(in.real, one)
	case in.path != "-":
		if real, err := placeOf(in.path); err == nil {
			a.add(real, one)
		}
	}
	a.reading.Go(one.read)
}

func (a *appearing) add(real string, one *followed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.followed[real] = one
}

// isReadBut reports whether one of the followed inputs but this one reads the file at a
// path.
func (a *appearing) isReadBut(this *followed, path string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, one := range a.followed {
		if one != this && one.file.Reads(path) {
			return true
		}
	}
	return false
}

// placeOf returns the real path of a file that need not exist.
func placeOf(path string) (string, error) {
	real, err := realPath(path)
	if err != nil {
		real, err = realPath(filepath.Dir(path))
		real = filepath.Join(real, filepath.Base(path))
	}
	return real, err
}

// find looks for new logs until the watcher is closed.
func (a *appearing) find() {
	entries := a.watcher.Entries()
	watched := make(map[string]bool)
	for first := true; ; first = false {
		w := newWalk()
		for _, d := range a.options.Directories {
			found := w.walk(d)
			for _, log := range found.logs {
				a.found(log)
			}
			if first && found.nothing() {
				a.options.Reports.Printf("%s: no logs below it yet: waiting for them", d.path)
			}
		}
		new := false
		for _, dir := range w.dirs {
			new = new || !watched[dir]
			watched[dir] = true
		}
		entries.Watch(w.dirs)
		if new {
			continue // something may have been created before it was watched
		}
		if entries.Wait() != nil {
			return
		}
	}
}

// found follows a log from its start unless it is read already.
func (a *appearing) found(l log) {
	switch {
	case l.err != nil:
		if !a.failed[l.path] {
			a.failed[l.path] = true
			a.options.Reports.Errorf("%v", l.err)
		}
		return
	case a.followed[l.real] != nil, a.isOther(l.real):
		return
	}
	if id, err := openfiles.IDOf(l.real); err != nil {
		return // it is gone
	} else if a.isRead(l.real) {
		a.other[l.real] = id
		return
	}
	a.follow(l.input())
}

// isOther reports whether a path still leads to what is read as another file's.
func (a *appearing) isOther(path string) bool {
	id, ok := a.other[path]
	return ok && id.At(path)
}

// isRead reports whether a new file was read under another name, or before it was
// compressed.
func (a *appearing) isRead(path string) bool {
	if format := compress.ByName(path); format != compress.None {
		plain := strings.TrimSuffix(path, string(format))
		if _, read := a.other[plain]; read || a.followed[plain] != nil {
			return true
		}
	}
	if a.isReadBut(nil, path) {
		return true
	}
	for _, id := range a.other {
		if id.At(path) {
			return true
		}
	}
	return false
}
