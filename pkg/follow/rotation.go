package follow

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"auditctl/pkg/internal/rotated"
)

// maxTries is how often to look again while files are being moved.
const maxTries = 100

// margin is by how much the times of files may trail the clock.
const margin = 50 * time.Millisecond

// openNext opens what came to the path after last, which is nil before the first: the
// files that were rotated since, as far as maxAhead allows, and then the one that is
// there.
func (f *File) openNext(last *opened) error {
	for range maxTries {
		if err := f.tryNext(last); !errors.Is(err, errMoved) {
			return err
		}
	}
	return errMoved
}

func (f *File) tryNext(last *opened) (err error) {
	places := f.places()
	found, listErr := f.list()
	at, err := open(f.watcher.Files, f.path)
	if err != nil {
		return err
	}
	if len(places) > 0 {
		at.name = filepath.Join(places[0].dir, places[0].base)
		at.file.Moved(at.name) // a link at the path may lead elsewhere later
	}
	files := []*opened{at}
	defer func() {
		if err != nil {
			closeAll(files)
		}
	}()
	if leadsTo(f.path, at.info) && f.continues(last, at, found) {
		f.remember(found, nil)
		f.next = append(f.next, at)
		return nil
	}
	l := search{File: f, found: found, current: at.info}
	segments, why := l.after(last)
	if listErr != nil && last != nil && !l.hasFound {
		why = listErr.Error()
	}
	pending := segments
	files = nil
	for len(pending) > 0 && len(f.next)+len(files) < maxAhead {
		o, err := pending[0].open()
		switch {
		case errors.Is(err, errMoved):
			closeAll([]*opened{at})
			return err
		case err != nil:
			why = err.Error()
		default:
			files = append(files, o)
		}
		pending = pending[1:]
	}
	if len(pending) == 0 {
		files = append(files, at)
	} else {
		closeAll([]*opened{at})
	}
	// If nothing has moved meanwhile, nothing was overlooked.
	if again, _ := f.list(); !sameSegments(found, again) || !leadsTo(f.path, at.info) {
		return errMoved
	}
	f.remember(found, pending)
	f.next = append(f.next, files...)
	if why != "" {
		f.missed(why)
	}
	return nil
}

func closeAll(files []*opened) {
	for _, o := range files {
		o.close()
	}
}

// places returns where rotated files may be: beside the file the path leads to, and then,
// if the path is a symbolic link, beside that.
func (f *File) places() []place {
	var places []place
	target, err := filepath.EvalSymlinks(f.path)
	if err == nil {
		if target, err = filepath.Abs(target); err == nil {
			places = append(places, place{filepath.Dir(target), filepath.Base(target)})
		}
	}
	if path, err := filepath.Abs(f.path); err == nil {
		if name, err := placeOf(path); err == nil && name != target {
			places = append(places, place{filepath.Dir(name), filepath.Base(name)})
		}
	}
	return places
}

// remember notes that all files found but those pending need not be read any more.
func (f *File) remember(found, pending []segment) {
	f.known = make(map[string]segment)
	for _, s := range found {
		if !slices.ContainsFunc(pending, func(p segment) bool { return p.path == s.path }) {
			f.known[s.path] = s
		}
	}
}

// A search looks for the rotated files to be read next.
type search struct {
	*File
	found    []segment   // oldest first
	current  os.FileInfo // the file at the path
	hasFound bool        // last is one of the found, or still where it was
}

// after returns the segments that came after last, and why others may be missing.
func (l *search) after(last *opened) (after []segment, why string) {
	switch {
	case last == nil && l.known == nil:
		return nil, "" // following begins with the file at the path
	case last == nil:
		return l.segmentsAfter(-1, nil, time.Time{})
	}
	st, err := last.file.Stat()
	if err != nil && last.find(l.neighbours()) {
		st, err = last.file.Stat()
	}
	if isGone(err) {
		return l.afterGone(last)
	}
	if err != nil {
		return nil, err.Error()
	}
	head, ended := last.head(), st.ModTime()
	i := l.find(last, head, ended)
	if l.hasFound = i >= 0; !l.hasFound {
		if l.hasFound = leadsTo(last.name, last.info); l.hasFound {
			return nil, "" // the path is a symbolic link that has changed
		}
		why = readIsGone
	}
	after, other := l.segmentsAfter(i, head, ended)
	return after, cmp.Or(other, why)
}

// afterGone is after for a file that was closed and is gone. That its own lines may be
// missing is said when it is over.
func (l *search) afterGone(last *opened) (after []segment, why string) {
	i, rest, err := l.findRest(last)
	if err != nil {
		why = err.Error()
	}
	if rest != nil {
		rest.Close()
	}
	l.hasFound = i >= 0
	after, other := l.segmentsAfter(i, last.trace.head, last.info.ModTime())
	return after, cmp.Or(other, why)
}

// find returns the index in found of the file that was read: the same file, or if it was
// copied or compressed, one that begins alike. It returns -1 if there is none.
func (l *search) find(last *opened, head []byte, ended time.Time) int {
	if i := slices.IndexFunc(l.found, func(s segment) bool { return last.is(s.path, s.info) }); i >= 0 {
		return i
	}
	at := -1
	certain := false
	for i, s := range l.found {
		same := sameTime(s.info.ModTime(), ended) // gzip and others preserve it
		switch {
		case certain, os.SameFile(s.info, l.current), l.wasThere(s), !same && (at >= 0 || len(head) == 0):
		case s.readable() && bytes.Equal(s.head(), head):
			at, certain = i, same && !l.isKnown(s)
		case !s.readable() && same:
			at = i
		}
	}
	return at
}

// segmentsAfter returns the segments after the i-th one, which is the file read last. If
// that was not found, i is -1; head and ended are its first bytes and when it was last
// written to, if there was one.
func (l *search) segmentsAfter(i int, head []byte, ended time.Time) (after []segment, why string) {
	form, moved := rotated.Name{Number: -1}, l.moved()
	if i >= 0 {
		form = l.found[i].Name
		l.within = l.within || form.Within
	}
	for j, s := range l.found {
		var is bool
		switch {
		case j == i, l.isRead(s), os.SameFile(s.info, l.current):
			continue
		case s.Number >= 0 && form.Number >= 0 && s.Within == form.Within:
			is = s.Number < form.Number
		case l.isKnown(s), i < 0 && alike(s.head(), head):
		case s.Number >= 0:
			is = s.info.ModTime().After(ended) && (s.Suffix == "" || s.Number <= moved)
		case s.Odd:
			is = !s.info.ModTime().Before(ended) && l.isLikely(s, head)
		default:
			is = (i >= 0 || !s.info.ModTime().Before(ended)) && !l.isCopy(s, head)
		}
		if is && (s.Within && !l.within || s.Odd && filepath.Ext(filepath.Base(l.path)) == "") {
			// Files of other logs may have such names.
			is = false
			if i < 0 {
				why = fmt.Sprintf("%s may be one of its files", filepath.Base(s.path))
			}
		}
		switch {
		case !is:
		case !s.readable():
			why = fmt.Sprintf("%s cannot be read", filepath.Base(s.path))
		default:
			after = append(after, s)
		}
	}
	return after, why
}

// isRead reports whether the segment is a file that is open already.
func (l *search) isRead(s segment) bool {
	return slices.ContainsFunc(append([]*opened{l.at, l.previous}, l.next...), func(o *opened) bool {
		return o != nil && o.info != nil && o.is(s.path, s.info)
	})
}

// wasThere reports whether the segment existed when the newest file came to the path.
// Names with numbers do not tell: the numbers are counted up, and a new file may get the
// identity of a deleted one.
func (l *search) wasThere(s segment) bool {
	if s.Number < 0 {
		known, ok := l.known[s.path]
		return ok && os.SameFile(known.info, s.info)
	}
	for _, known := range l.known {
		if known.Suffix == s.Suffix && l.became(known, s) {
			return true
		}
	}
	return false
}

// isKnown reports whether the segment existed when the newest file came to the path,
// perhaps not yet compressed.
func (l *search) isKnown(s segment) bool {
	if s.Number < 0 {
		_, plain := l.known[s.plain]
		return l.wasThere(s) || s.Suffix != "" && plain
	}
	for _, known := range l.known {
		if l.became(known, s) {
			return true
		}
	}
	return false
}

// became reports whether s, a segment with a number, is what became of known.
func (l *search) became(known, s segment) bool {
	if s.Suffix == "" || known.Suffix != "" {
		return os.SameFile(known.info, s.info) && known.info.Size() == s.info.Size() && known.info.ModTime().Equal(s.info.ModTime())
	}
	return sameTime(known.info.ModTime(), s.info.ModTime())
}

// moved returns by how much the numbers of files have grown since the newest one came to
// the path: files with higher numbers are older. It returns 0 if none of them is found.
func (l *search) moved() int {
	by := math.MaxInt
	for _, known := range l.known {
		if known.Number < 0 {
			continue
		}
		if by == math.MaxInt {
			by = 0
		}
		for _, s := range l.found {
			if s.Number > known.Number && l.became(known, s) {
				by = max(by, s.Number-known.Number)
			}
		}
	}
	return by
}

// sameTime compares times of files as precisely as copying preserves them.
func sameTime(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

// isCopy reports whether the segment is a copy of a file that was read or that exists as
// well. A file that was written to since the last look is not.
func (l *search) isCopy(s segment, head []byte) bool {
	return s.info.ModTime().Before(l.seen.Add(-margin)) && l.copies(s, s.head(), head)
}

func (l *search) copies(s segment, have, head []byte) bool {
	return alike(have, head) || slices.ContainsFunc(l.found, func(other segment) bool {
		return !os.SameFile(other.info, s.info) && !other.Odd && alike(other.head(), have)
	})
}

// isLikely reports whether a segment with an odd name looks like a log and is no copy.
func (l *search) isLikely(s segment, head []byte) bool {
	have := s.head()
	return len(have) > 0 && (len(head) == 0 || have[0] == head[0]) && !l.copies(s, have, head)
}

// leadsTo reports whether a path leads to a file.
func leadsTo(name string, file fs.FileInfo) bool {
	st, err := os.Stat(name)
	return err == nil && os.SameFile(st, file)
}
