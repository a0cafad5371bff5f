package osfile

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// CheckPrivate is [Dir.CheckPrivate] for the directory that a path leads to.
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

// CheckPrivate returns an error, which says what to do, unless nobody but the user
// and root may change what is in the directory: it belongs to one of them, and its
// mode has none of the bits of others, 0022 for its group and everybody. A file
// system that keeps no owners and modes is passed over, and so is Windows.
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
	// A new file is the user's own, and only the user's, where that is kept.
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
