package seal

import (
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// A storage is where logs and sidecars are kept.
type storage interface {
	// open opens a file of a log for reading.
	open(path string) (osfile.File, error)

	// openDir opens a sidecar, mkdir creates one.
	openDir(path string) (directory, error)
	mkdir(path string) error

	// openParent opens the directory that a log is in.
	openParent(path string) (directory, error)

	// syncDir syncs the names in a directory.
	syncDir(path string) error
}

// A directory is what a sidecar needs of an [osfile.Dir].
type directory interface {
	Path() string
	Fd() uintptr
	Close() error
	CheckPrivate(others fs.FileMode) error

	Open(name string, flag int) (osfile.File, error)
	Create(name string) (osfile.File, error)
	Rename(name, base string) error
	Remove(name string) error
	RemoveAll(name string) error
	MkdirAll(name string) error
	ReadDir(name string, do func(fs.DirEntry) error) error
	Sync(name string) error
	SyncAll() error
}

// disk is the storage of the operating system.
type disk struct{}

func (disk) open(path string) (osfile.File, error) { return osfile.OpenRegular(path, os.O_RDONLY, 0) }

func (disk) openDir(path string) (directory, error) { return osfile.OpenDir(path) }

func (disk) openParent(path string) (directory, error) { return osfile.OpenDir(filepath.Dir(path)) }

func (disk) mkdir(path string) error { return os.Mkdir(path, 0o700) }

func (disk) syncDir(path string) error { return osfile.SyncDir(path) }
