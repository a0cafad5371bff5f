package osfile

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Names is where [Replace] creates and renames files, with slashes in their names. A
// [Dir] is one; see its methods.
type Names[F File] interface {
	Create(name string) (F, error)
	Rename(name, base string) error
	Remove(name string) error
	Sync(dir string) error
}

// Replace atomically and durably replaces a file, or creates it, with what write writes:
// after a crash at any time either the old or the new file is there, complete. The new
// one is first written as name+suffix; a file of that name, which a killed process may
// have left, is removed, and so is the new file after an error.
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

// ReplaceUnsynced is Replace without syncing: the file may be lost in a crash.
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
	return Replace(paths{os.Rename}, filepath.ToSlash(path), suffix, write)
}

// CreateFile is ReplaceFile for a file that is new: if the name is taken once the file is
// written, the error is [fs.ErrExist].
func CreateFile(path, suffix string, write func(*os.File) error) error {
	return Replace(paths{RenameNew}, filepath.ToSlash(path), suffix, write)
}

// paths are Names relative to the working directory.
type paths struct{ rename func(from, to string) error }

func (paths) Create(name string) (*os.File, error) { return CreateNew(filepath.FromSlash(name)) }

func (p paths) Rename(name, base string) error {
	return p.rename(filepath.FromSlash(name), filepath.FromSlash(path.Join(path.Dir(name), base)))
}

func (paths) Remove(name string) error { return os.Remove(filepath.FromSlash(name)) }

func (paths) Sync(dir string) error { return SyncDir(filepath.FromSlash(dir)) }
