package seal

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/internal/osfile"
)

// maxUnsynced is how many tiles are synced one by one rather than with the whole file
// system, if that is possible.
const maxUnsynced = 64

// A tileWriter writes tiles that no checkpoint refers to yet, and syncs them all at the end,
// which is much faster than syncing each as it is written. Until then a crash may leave any
// part of them.
type tileWriter struct {
	sidecar *sidecar

	mu       sync.Mutex
	dirs     map[string]bool // those that lead to the tiles
	unsynced []string
	many     bool // there are more than those in unsynced
}

// write writes a tile. What another seal has left in its place is kept if it is the same,
// and else replaced.
func (w *tileWriter) write(t tlog.Tile, hashes []byte) error {
	name := torchwood.TilePath(t)
	err := w.create(name, hashes)
	if errors.Is(err, fs.ErrNotExist) {
		if err = w.sidecar.MkdirAll(path.Dir(name)); err == nil {
			err = w.create(name, hashes)
		}
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
		if left, readErr := w.sidecar.readTile(t, os.O_RDONLY|osfile.NoFollow, new(tileBuffer)); readErr != nil || !bytes.Equal(left, hashes) {
			err = osfile.ReplaceUnsynced(w.sidecar, name, partSuffix, writing(hashes))
		}
	}
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for dir := path.Dir(name); !w.dirs[dir]; dir = path.Dir(dir) {
		w.dirs[dir] = true
	}
	switch {
	case len(w.unsynced) < maxUnsynced:
		w.unsynced = append(w.unsynced, name)
	case osfile.SyncsFilesystems:
		w.many = true
	default:
		return w.sidecar.syncFile(name)
	}
	return nil
}

// create creates a file, which only this process writes to while the sidecar is locked.
func (w *tileWriter) create(name string, data []byte) error {
	f, err := w.sidecar.Create(name)
	if err != nil {
		return err
	}
	if err = cmp.Or(writing(data)(f), f.Close()); err != nil {
		w.sidecar.Remove(name)
	}
	return err
}

// sync syncs all tiles that were written.
func (w *tileWriter) sync() error {
	if w.many {
		return w.sidecar.SyncAll()
	}
	for _, name := range w.unsynced {
		if err := w.sidecar.syncFile(name); err != nil {
			return err
		}
	}
	for dir := range w.dirs {
		if err := w.sidecar.Sync(dir); err != nil {
			return err
		}
	}
	return nil
}
