package follow

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// look opens the files that have taken the path since the last look.
func (f *File) look() error {
	f.remembered()
	defer f.remembered()
	for f.path != "" && len(f.next) < maxAhead {
		newest := f.newest()
		now := time.Now()
		if f.isAt(newest) {
			f.seen, f.warned, f.gone = now, "", time.Time{}
			return nil
		}
		f.watch() // before looking again, so that later changes are notified
		_, err := os.Stat(f.path)
		switch {
		case err == nil && f.isAt(newest):
			continue
		case err == nil && newest != nil && f.isOthers():
			return nil
		case err == nil:
			err = f.openNext(newest)
		}
		switch {
		case errors.Is(err, syscall.EISDIR):
			return err
		case err != nil:
			f.unavailable(err, newest == nil)
			return nil
		}
	}
	return nil
}

// newest returns the last file known to have been at the path, nil before the first.
func (f *File) newest() *opened {
	if len(f.next) > 0 {
		return f.next[len(f.next)-1]
	}
	return f.at
}

// isAt reports whether the file is at the path, whatever its content is now.
func (f *File) isAt(o *opened) bool {
	if o == nil {
		return false
	}
	st, err := os.Stat(f.path)
	if err != nil || !o.is(f.path, st) {
		return false
	}
	if o.regular && !st.ModTime().Equal(o.info.ModTime()) {
		if o.info, o.touched = st, true; o.pos == 0 {
			f.unseen()
		}
	}
	return true
}

// watch watches the directories of the path and of the file that it leads to.
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
		target, err = linkTarget(path) // the target does not exist now
	}
	if err == nil && target != name {
		names = append(names, target)
	}
	f.watched = f.watcher.watch(f, names)
}

// placeOf returns the path with the symbolic links in its directory resolved.
func placeOf(path string) (string, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(dir, filepath.Base(path)), err
}

// linkTarget returns the target of a symbolic link, whether or not it exists.
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

// unavailable warns why there is nothing to read at the path. first says that there never
// was.
func (f *File) unavailable(err error, first bool) {
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		f.warnOnce(reason(err).Error() + ": trying again")
	case f.MayVanish && f.known != nil:
	case first:
		if f.Start = nil; f.known == nil { // whatever comes is new
			found, _ := f.list()
			f.remember(found, nil)
		}
		if !f.MayVanish {
			f.warnOnce("not there yet: waiting for it")
		}
	case f.gone.IsZero():
		f.gone = time.Now() // perhaps it is being rotated right now
	case time.Since(f.gone) > 2*slowInterval:
		f.warnOnce("gone: waiting for another")
	}
}

// warnOnce warns of a state that may last.
func (f *File) warnOnce(text string) {
	if f.warned != text {
		f.warned = text
		f.warn(text)
	}
}

// missed reports why lines may have been missed.
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
