package collector

import (
	"cmp"
	"io"
	"os"
	"path/filepath"

	"auditctl/pkg/osfile"
)

// Lock keeps other processes that append to a file with [JSONL] from it until
// what it returns is closed.
func Lock(path string) (io.Closer, error) { return lockPath(realDisk{}, path, 0) }

// Replace syncs a file that is open and puts it in the place of another one, with
// that one's mode and owner; the other one stays under the name backup. It syncs the
// directory. At no moment is there no file under path. The error is [os.ErrExist]
// if there is one under backup.
func Replace(path string, by *os.File, backup string) error {
	return replace(realDisk{}, path, by, backup)
}

func replace(d disk, path string, by handle, backup string) error {
	like, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := cmp.Or(osfile.Resemble(by, like), by.Sync()); err != nil {
		return err
	}
	if err := d.Link(path, backup); err != nil {
		return err
	}
	if err := d.Rename(by.Name(), path); err != nil {
		return err
	}
	return d.SyncDir(filepath.Dir(path))
}
