package collector

import (
	"io"
	"io/fs"
	"os"

	"auditctl/pkg/internal/osfile"
)

// A disk is what files need of the file system. Tests use ones that fail, or that record
// what a crash would leave.
type disk interface {
	// Open opens a regular file, see [osfile.OpenRegular]. A new one gets mode 0600.
	Open(path string, flag int) (handle, error)

	Lstat(path string) (fs.FileInfo, error)

	// RenameNew renames a file without replacing another, see [osfile.RenameNew].
	RenameNew(from, to string) error

	Remove(path string) error
	SyncDir(path string) error
}

// A handle is what files need of an *os.File.
type handle interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.Closer
	Name() string
	Stat() (fs.FileInfo, error)
	Sync() error
	Truncate(size int64) error
	Chown(uid, gid int) error
	Chmod(mode fs.FileMode) error
	Fd() uintptr
}

// realDisk is the disk outside of tests.
type realDisk struct{}

func (realDisk) Open(path string, flag int) (handle, error) {
	f, err := osfile.OpenRegular(path, flag, 0o600)
	if err != nil {
		return nil, err // not a handle with a nil *os.File
	}
	return f, nil
}

func (realDisk) Lstat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

func (realDisk) RenameNew(from, to string) error { return osfile.RenameNew(from, to) }
func (realDisk) Remove(path string) error        { return os.Remove(path) }
func (realDisk) SyncDir(path string) error       { return osfile.SyncDir(path) }

// createNew creates a file that must not exist and opens it for appending.
func createNew(d disk, path string) (handle, error) {
	return d.Open(path, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL|osfile.NoFollow)
}
