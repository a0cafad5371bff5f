// Package wholefile writes files that get their names only when they are whole: until then,
// and after an error, there is no such file, or the one that was there before.
package wholefile

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/internal/osfile"
)

// Create writes a new file with mode 0600. If the name is taken, at the latest when the file
// is whole, the error is [fs.ErrExist].
func Create(path string, write func(io.Writer) error) error {
	return put(path, write, nil, osfile.RenameNew)
}

// Replace writes a file in place of another one, with the same owner and permissions as far
// as possible, or a new one if there is none. A symbolic link stays: the file that it leads
// to is replaced. Anything else than a regular file is an error.
func Replace(path string, write func(io.Writer) error) error {
	old, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Create(path, write)
	case err != nil:
		return err
	case !old.Mode().IsRegular():
		return &fs.PathError{Op: "replace", Path: path, Err: osfile.ErrNotRegular}
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	return put(target, write, old, os.Rename)
}

// put writes a file under a name that nobody has, and then renames it.
func put(path string, write func(io.Writer) error, like fs.FileInfo, rename func(from, to string) error) (err error) {
	part := path + "." + rand.Text()[:8] + ".part"
	f, err := osfile.CreateNew(part)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(part)
		}
	}()
	if like != nil {
		osfile.Resemble(f, like) // as far as possible
	}
	out := bufio.NewWriterSize(f, 64<<10)
	if err = cmp.Or(write(out), out.Flush(), f.Sync()); err != nil {
		f.Close()
		return err
	}
	if err = cmp.Or(f.Close(), rename(part, path)); err != nil {
		return err
	}
	return osfile.SyncDir(filepath.Dir(path))
}
