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
		newest := f.at
		if len(f.next) > 0 {
			newest = f.next[len(f.next)-1]
		}
		if newest != nil && leadsTo(f.path, newest.info) {
			f.told, f.gone = "", time.Time{}
			return nil
		}
		f.watch() // before another look: what comes after that will be told
		_, err := os.Stat(f.path)
		var o *opened
		switch {
		case err == nil && newest != nil && leadsTo(f.path, newest.info):
			continue
		case err == nil:
			o, err = f.openSuccessor(newest)
		}
		switch {
		case errors.Is(err, syscall.EISDIR):
			return err
		case err != nil:
			f.missing(err, newest == nil)
			return nil
		}
		f.next = append(f.next, o)
	}
	return nil
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
		f.Start = nil // all that will come is new
		f.tell("not there yet: waiting for it")
	case f.gone.IsZero():
		f.gone = time.Now() // perhaps it is just being rotated
	case time.Since(f.gone) > 2*slowInterval:
		f.tell("gone: waiting for another")
	}
}

// tell gives notice of something that may last, once.
func (f *File) tell(text string) {
	if f.told != text {
		f.told = text
		f.notice(text)
	}
}

func (f *File) notice(text string) {
	if f.Notice != nil {
		f.Notice(text)
	}
}
