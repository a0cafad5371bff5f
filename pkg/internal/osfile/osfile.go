// Package osfile adds to package os what files need that must not be lost or confused
// with others: locks between processes, syncing a directory or a whole file system,
// opening only regular files, creating and renaming without overwriting, replacing a file
// durably, and checking that nobody else may change a directory.
package osfile

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// A Descriptor is an open file, such as an [*os.File].
type Descriptor interface {
	Fd() uintptr
}

// Owned is an open file whose owner and mode can be changed, such as an [*os.File].
type Owned interface {
	Stat() (fs.FileInfo, error)
	Chown(uid, gid int) error
	Chmod(mode fs.FileMode) error
}

// SyncDir syncs a directory, so that the names of files created, renamed or removed in it
// survive a crash. On file systems that cannot sync directories it does nothing.
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
