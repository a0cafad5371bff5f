package osfile

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// CheckPrivate is [Dir.CheckPrivate] for a path, whose symbolic links it follows.
func CheckPrivate(path string, others fs.FileMode) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	d, err := OpenDir(target)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.checkPrivate(path, others)
}

// CheckPrivate returns an error that says what to do if anybody but the user and root
// may change what is in the directory: if it belongs to somebody else or its mode has any
// of the bits in others, such as 0022 for group and others. On Windows, and on file
// systems that do not keep owners and modes, it returns nil.
func (d *Dir) CheckPrivate(others fs.FileMode) error { return d.checkPrivate(d.path, others) }

func (d *Dir) checkPrivate(path string, others fs.FileMode) error {
	st, err := d.Stat()
	if err != nil {
		return err
	}
	notPrivate := private(path, st, others)
	if notPrivate == nil {
		return nil
	}
	// If a new file looks no better, this file system does not keep owners and modes.
	const probe = ".auditctl-probe"
	f, err := d.Create(probe)
	if err != nil {
		return notPrivate
	}
	st, err = f.Stat()
	if err = errors.Join(err, f.Close(), d.Remove(probe)); err != nil || private(path, st, others) == nil {
		return notPrivate
	}
	return nil
}
