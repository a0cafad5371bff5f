package osfile

import (
	"errors"
	"io/fs"
	"os"
)

// ErrNotRegular is the error for a path that is not a regular file.
var ErrNotRegular = errors.New("it is not a regular file")

// OpenRegular is [os.OpenFile] for regular files only: for anything else the error is
// [ErrNotRegular]. It never waits, for the other end of a FIFO or for a device, but for a
// process that is about to replace the file ([Lease]). With the flag [NoFollow] it fails if the last part of the path is a symbolic link.
func OpenRegular(path string, flag int, perm fs.FileMode) (*os.File, error) {
	return openRegular(os.OpenFile, path, flag, perm)
}

func openRegular(open func(string, int, fs.FileMode) (*os.File, error), path string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := AwaitLease(func() (*os.File, error) { return open(path, flag|nonblock, perm) })
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

// CreateNew creates a file with mode 0600 and opens it for reading and writing. If the
// name is taken, even by a dangling symbolic link, the error is [fs.ErrExist].
func CreateNew(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|NoFollow, 0o600)
}

// RenameNew is [os.Rename] without replacing: if the new name is taken, the error is
// [fs.ErrExist].
func RenameNew(old, new string) error {
	if err := renameNew(old, new); err != nil {
		return &os.LinkError{Op: "rename", Old: old, New: new, Err: err}
	}
	return nil
}
