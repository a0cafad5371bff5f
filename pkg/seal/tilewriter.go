package seal

import (
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/internal/osfile"
)

// maxUnsynced is how many tiles are synced one by one rather than with the whole file
// system, if that is possible.
const maxUnsynced = 64

// A tileWriter writes tiles, and syncs them all at the end, which is much faster than
// syncing each as it is written. Until then no checkpoint may refer to them.
type tileWriter struct {
	sidecar *sidecar

	mu       sync.Mutex
	unsynced []string
	many     bool // there are more than those in unsynced
}

func (w *tileWriter) write(t tlog.Tile, hashes []byte) error {
	name := torchwood.TilePath(t)
	if err := w.sidecar.replace(name, hashes); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case len(w.unsynced) < maxUnsynced:
		w.unsynced = append(w.unsynced, name)
	case osfile.SyncsFilesystems:
		w.many = true
	default:
		return w.sidecar.syncPath(name)
	}
	return nil
}

// sync syncs all tiles that were written.
func (w *tileWriter) sync() error {
	if w.many {
		return w.sidecar.SyncAll()
	}
	for _, name := range w.unsynced {
		if err := w.sidecar.syncPath(name); err != nil {
			return err
		}
	}
	return nil
}
