package seal

import (
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/internal/crashtest"
	"auditctl/pkg/internal/osfile"
)

// WithOpening returns a log that calls do before it opens a file.
func WithOpening(l Log, do func()) Log {
	l.opening = do
	return l
}

// WithRenaming returns a log that calls do before it renames a file.
func WithRenaming(l Log, do func()) Log {
	l.renaming = do
	return l
}

// Recorded returns a log whose changes, and those of its sidecar, are recorded on a disk
// under its base name. Syncs are only recorded.
func Recorded(l Log, on *crashtest.Disk) Log {
	l.stored = recordedStorage{on}
	return l
}

type recordedStorage struct{ on *crashtest.Disk }

func (r recordedStorage) open(path string) (osfile.File, error) {
	f, err := disk{}.open(path)
	if err != nil {
		return nil, err
	}
	return crashtest.Recorded(f, r.on.Open(filepath.Base(path))), nil
}

func (r recordedStorage) openDir(path string) (directory, error) {
	dir, err := osfile.OpenDir(path)
	if err != nil {
		return nil, err
	}
	return crashtest.Dir{Dir: dir, Disk: r.on, Name: filepath.Base(path)}, nil
}

func (r recordedStorage) openParent(path string) (directory, error) {
	dir, err := osfile.OpenDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	return crashtest.Dir{Dir: dir, Disk: r.on, Name: "."}, nil
}

func (r recordedStorage) mkdir(path string) error {
	r.on.Mkdir(filepath.Base(path))
	return disk{}.mkdir(path)
}

func (r recordedStorage) syncDir(string) error {
	r.on.SyncDir(".")
	return nil
}

// Tree returns the tree of c.
func (c Checkpoint) Tree() tlog.Tree { return c.body.Tree }

// Sign returns a text as a note signed by a key.
func Sign(key *Key, text string) ([]byte, error) { return key.sign(text) }
