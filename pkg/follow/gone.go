package follow

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"auditctl/pkg/openfiles"
)

// An unopened is the error of a file that was closed, because too many were open, and
// cannot be opened again.
type unopened struct{ error }

func (e unopened) Unwrap() error { return e.error }

// isGone reports whether a file is no longer where it was when it was closed.
func isGone(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, openfiles.ErrReplaced)
}

// reach finds the current file, which cannot be opened by its path. It returns true if
// there is something to be read, and otherwise says why there is not.
func (f *File) reach(err error, over bool) bool {
	o := f.at
	switch {
	case isGone(err) && (over || !o.sought):
		if o.find(f.neighbours()) {
			return true
		}
		o.sought = true // until it is over
	case !isGone(err) && !o.sought:
		o.sought = true
		f.warn(reason(err).Error() + ": trying again")
	}
	if over {
		f.lost(err)
	}
	return over
}

// neighbours returns the files beside the one at the path, and where it leads to, by
// their paths.
func (f *File) neighbours() map[string]os.FileInfo {
	files := make(map[string]os.FileInfo)
	for _, p := range f.places() {
		names, _ := f.watcher.lister.names(p.dir, "")
		for _, name := range names {
			path := filepath.Join(p.dir, name)
			if st, err := os.Lstat(path); err == nil && st.Mode().IsRegular() {
				files[path] = st
			}
		}
	}
	return files
}

// find finds a file that was closed among others, and reports whether it did.
func (o *opened) find(files map[string]os.FileInfo) bool {
	path := o.file.Path()
	for moved, info := range files {
		if !o.is(moved, info) {
			continue
		}
		o.file.Moved(moved)
		if o.file.Pin() != nil {
			continue
		}
		defer o.file.Unpin()
		if o.trace.endsAt(o.file, o.pos) { // else another file has got its identity
			return true
		}
	}
	o.file.Moved(path)
	return false
}

// lost goes on after the current file, which is over, although there may have been more
// to read of it: with the rest of it, if there is a copy.
func (f *File) lost(err error) {
	o := f.at
	rest, restErr := f.restOf(o)
	switch {
	case restErr != nil:
		f.missed(restErr.Error())
	case rest == nil && isGone(err):
		f.missed(readIsGone)
	case rest == nil:
		f.missed(reason(err).Error())
	}
	o.file.Close()
	f.at = &opened{regular: true, info: o.info, rest: rest}
}

// readIsGone is why lines may be missing if a file is neither at the path nor found
// elsewhere.
const readIsGone = "the file that was read is gone"

// reason returns an error without the name of the file.
func reason(err error) error {
	if path := new(fs.PathError); errors.As(err, &path) {
		return path.Err
	}
	return err
}
