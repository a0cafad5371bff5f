package follow

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// look opens what has taken the path since the last look.
func (f *File) look() error {
	for f.path != "" && len(f.next) < maxAhead {
		newest := f.newest()
		now := time.Now()
		if f.isAt(newest) {
			f.seen, f.told, f.gone = now, "", time.Time{}
			return nil
		}
		f.watch() // before another look: what comes after that will be told
		_, err := os.Stat(f.path)
		switch {
		case err == nil && f.isAt(newest):
			continue
		case err == nil:
			err = f.openNext(newest)
		}
		switch {
		case errors.Is(err, syscall.EISDIR):
			return err
		case err != nil:
			f.missing(err, newest == nil)
			return nil
		}
	}
	return nil
}

// newest returns the last file that is known to have been at the path; nil before
// the first.
func (f *File) newest() *opened {
	if len(f.next) > 0 {
		return f.next[len(f.next)-1]
	}
	return f.at
}

// isAt reports whether the file is at the path, as it was when it was opened or
// with other content.
func (f *File) isAt(o *opened) bool {
	if o == nil {
		return false
	}
	st, err := os.Stat(f.path)
	if err != nil || !os.SameFile(st, o.info) {
		return false
	}
	if o.regular && !st.ModTime().Equal(o.info.ModTime()) {
		if o.info, o.touched = st, true; o.pos == 0 {
			f.unseen()
		}
	}
	return true
}

// watch has the directories watched that the path, and the file that it leads
// to, are in.
func (f *File) watch() {
	f.watched = false
	path, err := filepath.Abs(f.path)
	if err != nil {
		return
	}
	name, err := placeOf(path)
	if err != nil {
		return
	}
	names := []string{name}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		target, err = linkTarget(path) // which is not there now
	}
	if err == nil && target != name {
		names = append(names, target)
	}
	f.watched = f.watcher.watch(f, names)
}

// placeOf returns the name of a path without symbolic links on its way.
func placeOf(path string) (string, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
}

// linkTarget returns where a symbolic link leads to, whether that is there or
// not.
func linkTarget(path string) (string, error) {
	target, err := os.Readlink(path)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	return placeOf(target)
}

// missing says why there is nothing to be read.
func (f *File) missing(err error, yet bool) {
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		if path := new(fs.PathError); errors.As(err, &path) {
			err = path.Err
		}
		f.tell(err.Error() + ": trying again")
	case yet:
		if f.Start = nil; f.known == nil { // all that will come is new
			found, _ := list(f.places())
			f.remember(found, nil)
		}
		f.tell("not there yet: waiting for it")
	case f.gone.IsZero():
		f.gone = time.Now() // perhaps it is just being rotated
	case time.Since(f.gone) > 2*slowInterval:
		f.tell("gone: waiting for another")
	}
}

// tell warns of something that may last, once.
func (f *File) tell(text string) {
	if f.told != text {
		f.told = text
		f.warn(text)
	}
}

// missed says why lines may be missing.
func (f *File) missed(why string) {
	if f.Missing != nil {
		f.Missing(why)
	}
}

func (f *File) warn(text string) {
	if f.Logger != nil {
		f.Logger.Warn(text)
	}
}
