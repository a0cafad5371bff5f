// Package wholefile writes files that get their names only when they are whole: until then,
// and after an error, there is no such file, or the one that was there before.
package wholefile

import (
	"bufio"
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
	suffix := partSuffix()
	return named(path, suffix, osfile.CreateFile(path, suffix, buffered(write, nil)))
}

// Replace writes a file in place of another one, with the same owner and permissions as far
// as possible, or a new one if there is none. A symbolic link stays: the file that it leads
// to is replaced. Anything but a regular file is an error.
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
	suffix := partSuffix()
	return named(target, suffix, osfile.ReplaceFile(target, suffix, buffered(write, old)))
}

// partSuffix returns what the name of a file ends with until it is whole. Nobody else
// writes such a file.
func partSuffix() string { return "." + rand.Text()[:8] + ".part" }

// named returns an error, in which a file has the name that it is to have.
func named(path, suffix string, err error) error {
	if of := (*fs.PathError)(nil); errors.As(err, &of) && of.Path == path+suffix {
		return &fs.PathError{Op: of.Op, Path: path, Err: of.Err}
	}
	return err
}

// buffered returns what writes a file. If it takes the place of another one, it is made
// like that as far as possible.
func buffered(write func(io.Writer) error, like fs.FileInfo) func(*os.File) error {
	return func(f *os.File) error {
		if like != nil {
			osfile.Resemble(f, like)
		}
		out := bufio.NewWriterSize(f, 64<<10)
		if err := write(out); err != nil {
			return err
		}
		return out.Flush()
	}
}
