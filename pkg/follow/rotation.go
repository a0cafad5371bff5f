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

// maxTries is how often files are looked at that are being moved.
const maxTries = 100

// margin is by how much a file's time may lag behind the clock.
const margin = 50 * time.Millisecond

// openNext opens what came to the path after last, which is nil before the first:
// the files that were moved away since, as far as maxAhead allows, and then the one
// that is there.
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
	found, listErr := list(places)
	at, err := open(f.path)
	if err != nil {
		return err
	}
	if len(places) > 0 {
		at.name = filepath.Join(places[0].dir, places[0].base)
	}
	files := []*opened{at}
	defer func() {
		if err != nil {
			closeAll(files)
		}
	}()
	l := looking{File: f, found: found, current: at.info}
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
	// Nothing came in between if nothing has moved meanwhile.
	if again, _ := list(f.places()); !sameSegments(found, again) || !leadsTo(f.path, at.info) {
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

// places returns where files that were at the path may be: where it leads to, and
// then where it is itself, if that is a symbolic link.
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

// remember keeps which files are no news any more: all but those that are pending.
func (f *File) remember(found, pending []segment) {
	f.known = make(map[string]segment)
	for _, s := range found {
		if !slices.ContainsFunc(pending, func(p segment) bool { return p.path == s.path }) {
			f.known[s.path] = s
		}
	}
}

// A looking is a look at what was moved away from the path.
type looking struct {
	*File
	found    []segment   // the oldest first
	current  os.FileInfo // what is at the path
	hasFound bool        // last is one of them, or still where it was
}

// after returns the segments that came after last, and why others may be missing.
func (l *looking) after(last *opened) (after []segment, why string) {
	switch {
	case last == nil && l.known == nil:
		return nil, "" // what is there at first is where it begins
	case last == nil:
		return l.segmentsAfter(-1, nil, time.Time{})
	}
	st, err := last.file.Stat()
	if err != nil {
		return nil, err.Error()
	}
	head, ended := last.head(), st.ModTime()
	i := l.find(last.info, head, ended)
	if l.hasFound = i >= 0; !l.hasFound {
		if l.hasFound = leadsTo(last.name, last.info); l.hasFound {
			return nil, "" // the path is a symbolic link that leads elsewhere now
		}
		why = "the file that was read is gone"
	}
	after, other := l.segmentsAfter(i, head, ended)
	return after, cmp.Or(other, why)
}

// find returns where among those found the file is that was read: by itself, or,
// where it was copied or compressed, by how it begins. It is below zero if there is
// no such file.
func (l *looking) find(last os.FileInfo, head []byte, ended time.Time) int {
	if i := slices.IndexFunc(l.found, func(s segment) bool { return os.SameFile(s.info, last) }); i >= 0 {
		return i
	}
	at := -1
	certain := false
	for i, s := range l.found {
		same := sameTime(s.info.ModTime(), ended) // gzip and others keep it
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

// segmentsAfter returns the segments after the i-th one, which is what was read of
// late. If that was not found, i is below zero, and it is known how it began and
// when it was last written to, if there was one.
func (l *looking) segmentsAfter(i int, head []byte, ended time.Time) (after []segment, why string) {
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
			// Other logs may have such names.
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

// isRead reports whether the segment is a file that is open.
func (l *looking) isRead(s segment) bool {
	return slices.ContainsFunc(append([]*opened{l.at, l.left}, l.next...), func(o *opened) bool {
		return o != nil && o.info != nil && os.SameFile(o.info, s.info)
	})
}

// wasThere reports whether the segment was there when the last file came to the
// path. A number moves on, and a new file may be what a deleted one was.
func (l *looking) wasThere(s segment) bool {
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

// isKnown reports whether the segment was there when the last file came to the
// path, perhaps before it was compressed.
func (l *looking) isKnown(s segment) bool {
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

// became reports whether a segment with a number is what another one is now.
func (l *looking) became(known, s segment) bool {
	if s.Suffix == "" || known.Suffix != "" {
		return os.SameFile(known.info, s.info) && known.info.Size() == s.info.Size() && known.info.ModTime().Equal(s.info.ModTime())
	}
	return sameTime(known.info.ModTime(), s.info.ModTime())
}

// moved returns by how much the numbers of files have grown since the last one came
// to the path: those with higher ones were there before. It is zero where none of
// these is found.
func (l *looking) moved() int {
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

// sameTime compares times of files as far as they are kept where files are copied.
func sameTime(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}

// isCopy reports whether the segment is a copy of a file that was read, or that
// is there as well. What was written to since the last look is none.
func (l *looking) isCopy(s segment, head []byte) bool {
	return s.info.ModTime().Before(l.seen.Add(-margin)) && l.copies(s, s.head(), head)
}

func (l *looking) copies(s segment, have, head []byte) bool {
	return alike(have, head) || slices.ContainsFunc(l.found, func(other segment) bool {
		return !os.SameFile(other.info, s.info) && !other.Odd && alike(other.head(), have)
	})
}

// isLikely reports whether a segment with an odd name is a log, and no copy.
func (l *looking) isLikely(s segment, head []byte) bool {
	have := s.head()
	return len(have) > 0 && (len(head) == 0 || have[0] == head[0]) && !l.copies(s, have, head)
}

// leadsTo reports whether a name leads to a file.
func leadsTo(name string, file fs.FileInfo) bool {
	st, err := os.Stat(name)
	return err == nil && os.SameFile(st, file)
}
