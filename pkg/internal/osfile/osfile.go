// Package osfile has what os.File lacks for files that must not be lost or mistaken
// for others: locks between processes, syncing a directory or a whole file system,
// opening regular files only, names that are taken only if they are free, files put in
// the place of others durably, directories that nobody else may change.
package osfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// A Descriptor is a file that is open, such as an [*os.File].
type Descriptor interface {
	Fd() uintptr
}

// Owned is a file that is open, such as an [*os.File], and may change its owner.
type Owned interface {
	Stat() (fs.FileInfo, error)
	Chown(uid, gid int) error
	Chmod(mode fs.FileMode) error
}

// SyncDir syncs a directory, so that names given to files in it survive a crash.
// Some file systems cannot, and need not.
func SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return syncDir(dir)
}

func syncDir(dir File) error {
	if err := dir.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
