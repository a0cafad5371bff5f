package osfile

import (
	"errors"
	"io/fs"
	"os"
)

// ErrNotRegular says that a path leads to something that is not a regular file.
var ErrNotRegular = errors.New("it is not a regular file")

// OpenRegular is [os.OpenFile] for regular files only: of anything else it returns
// [ErrNotRegular]. It does not wait for the other end of a FIFO, nor does it wake a
// device. With [NoFollow] among the flags it fails if the last part of the path is a
// symbolic link.
func OpenRegular(path string, flag int, perm fs.FileMode) (*os.File, error) {
	return openRegular(os.OpenFile, path, flag, perm)
}

func openRegular(open func(string, int, fs.FileMode) (*os.File, error), path string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := open(path, flag|nonblock, perm)
	if err != nil {
		if waitsForReader(err) {
			err = &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
		}
		return nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrNotRegular}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// CreateNew creates a file that only its owner may read and write, and opens it
// for both. If the name is taken, even by a symbolic link that leads nowhere, the
// error is [fs.ErrExist].
func CreateNew(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
}

// RenameNew renames a file within its file system. Unlike [os.Rename] it never
// replaces anything: if the new name is taken, the error is [fs.ErrExist].
func RenameNew(old, new string) error {
	if err := renameNew(old, new); err != nil {
		return &os.LinkError{Op: "rename", Old: old, New: new, Err: err}
	}
	return nil
}
