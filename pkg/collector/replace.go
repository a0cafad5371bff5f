package collector

import (
	"io"
	"os"
	"path/filepath"

	"auditctl/pkg/osfile"
)

// Lock keeps other processes that append to a file with [JSONL] from it until
// what it returns is closed.
func Lock(path string) (io.Closer, error) { return lockPath(path, 0) }

// Replace puts a file in the place of another one, with its mode and owner; that
// stays under the name backup. It syncs the directory. At no moment is there no
// file under path. The error is [os.ErrExist] if there is one under backup.
func Replace(path, by, backup string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	if err := resemble(by, st); err != nil {
		return err
	}
	if err := os.Link(path, backup); err != nil {
		return err
	}
	if err := os.Rename(by, path); err != nil {
		return err
	}
	return osfile.SyncDir(filepath.Dir(path))
}
