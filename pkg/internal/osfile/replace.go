package osfile

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Names are where [Replace] makes a file and gives it another name: a [Dir], whose
// methods do what these do. Names have slashes.
type Names[F File] interface {
	Create(name string) (F, error)
	Rename(name, base string) error
	Remove(name string) error
	Sync(dir string) error
}

// Replace puts what write writes in the place of a file, so that after a crash the one
// or the other is there, whole. Until then it is in a file that is called name with a
// suffix. What has that name already, as a process that was killed leaves it, is
// removed; so is the file after an error.
func Replace[F File](names Names[F], name, suffix string, write func(F) error) error {
	err := ReplaceUnsynced(names, name, suffix, func(f F) error {
		if err := write(f); err != nil {
			return err
		}
		return f.Sync()
	})
	if err != nil {
		return err
	}
	return names.Sync(path.Dir(name))
}

// ReplaceUnsynced is Replace without that promise: nothing is synced.
func ReplaceUnsynced[F File](names Names[F], name, suffix string, write func(F) error) error {
	part := name + suffix
	f, err := names.Create(part)
	if errors.Is(err, fs.ErrExist) {
		if err = names.Remove(part); err == nil {
			f, err = names.Create(part)
		}
	}
	if err != nil {
		return err
	}
	if err = cmp.Or(write(f), f.Close()); err == nil {
		err = names.Rename(part, path.Base(name))
	}
	if err != nil {
		names.Remove(part)
	}
	return err
}

// ReplaceFile is [Replace] for a path.
func ReplaceFile(path, suffix string, write func(*os.File) error) error {
	return Replace(paths{}, filepath.ToSlash(path), suffix, write)
}

// paths are names as the process sees them.
type paths struct{}

func (paths) Create(name string) (*os.File, error) { return CreateNew(filepath.FromSlash(name)) }

func (paths) Rename(name, base string) error {
	return os.Rename(filepath.FromSlash(name), filepath.FromSlash(path.Join(path.Dir(name), base)))
}

func (paths) Remove(name string) error { return os.Remove(filepath.FromSlash(name)) }

func (paths) Sync(dir string) error { return SyncDir(filepath.FromSlash(dir)) }
