package follow

// An Entries waits for new entries in directories. It is not safe for concurrent use.
type Entries struct {
	watcher *Watcher
	watched bool
}

// Entries returns an Entries for directories, of which a Watcher has one at most.
func (w *Watcher) Entries() *Entries { return &Entries{watcher: w} }

// Watch makes Wait notice new entries in these directories, real paths, from now on.
func (e *Entries) Watch(dirs []string) {
	e.watched = e.watcher.notify != nil
	for _, dir := range dirs {
		e.watched = e.watched && e.watcher.notify.Add(dir) == nil
	}
}

// Wait waits until there may be a new entry. It returns [os.ErrClosed] if the Watcher was
// closed.
func (e *Entries) Wait() error { return e.watcher.sleep(e.watcher.created, e.watched) }
