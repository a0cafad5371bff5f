package follow

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// truncated goes on after the current file was truncated, or is to be read from its start
// for another reason: with the rest of it, if it was copied before, with later copies,
// and with the file from its start.
func (f *File) truncated() {
	const why = "truncated: following it from its start"
	o := f.at
	if f.path == "" {
		f.missed(why)
		return
	}
	rest, copies, err := f.copied(o)
	if err != nil {
		f.missed(err.Error())
	} else if rest == nil {
		f.missed(why)
	}
	f.at = &opened{regular: true, info: o.info, rest: rest}
	f.next = slices.Concat(copies, []*opened{o.again()}, f.next)
}

// copied opens the rest of a file, from a copy that was made before it was truncated, and
// later copies of what was written before its present content.
func (f *File) copied(o *opened) (rest io.ReadCloser, copies []*opened, err error) {
	for range maxTries {
		rest, copies, err = f.tryCopied(o)
		if !errors.Is(err, errMoved) {
			return rest, copies, err
		}
	}
	return nil, nil, err
}

// restOf opens the rest of a file from a copy, nil if there is none.
func (f *File) restOf(o *opened) (rest io.ReadCloser, err error) {
	for range maxTries {
		var found []segment
		if found, err = f.list(); err != nil {
			return nil, err
		}
		l := search{File: f, found: found, current: o.info}
		if _, rest, err = l.findRest(o); !errors.Is(err, errMoved) {
			return rest, err
		}
	}
	return nil, err
}

func (f *File) tryCopied(o *opened) (rest io.ReadCloser, copies []*opened, err error) {
	defer func() {
		if err != nil {
			closeAll(append(copies, &opened{rest: rest}))
			rest, copies = nil, nil
		}
	}()
	found, err := f.list()
	if err != nil {
		return nil, nil, err
	}
	l := search{File: f, found: found, current: o.info}
	i := -1
	if o.pos > 0 {
		if i, rest, err = l.findRest(o); err != nil {
			return rest, nil, err
		}
	}
	segments, why := l.segmentsAfter(i, o.trace.head, time.Time{})
	now := o.head()
	for _, s := range segments {
		if len(copies) == maxCopies {
			why = fmt.Sprintf("there are more than %d files", maxCopies)
			break
		}
		if alike(s.head(), now) { // perhaps the file is about to be truncated
			why = fmt.Sprintf("%s may be one of its files", filepath.Base(s.path))
			continue
		}
		c, err := s.open()
		if errors.Is(err, errMoved) {
			return rest, copies, err
		} else if err != nil {
			why = err.Error()
			continue
		}
		copies = append(copies, c)
	}
	if again, _ := f.list(); !sameSegments(found, again) {
		return rest, copies, errMoved
	}
	if !leadsTo(f.path, o.info) {
		closeAll(copies) // they came after it, and openNext will find them
		return rest, nil, nil
	}
	f.remember(found, nil)
	if why != "" {
		f.missed(why)
	}
	return rest, copies, nil
}

// maxCopies is how many copies are opened in advance.
const maxCopies = 256

// findRest returns the index in found of a copy of what was read of a file, and the rest
// of that copy, which is empty if it was made before all of that was written. It returns
// -1 if there is none.
func (l *search) findRest(o *opened) (at int, rest io.ReadCloser, err error) {
	at = -1
	short := -1
	for i, s := range l.found {
		if o.is(s.path, s.info) {
			continue
		}
		r, err := s.decompressed()
		if errors.Is(err, errMoved) {
			return at, rest, err
		} else if err != nil {
			continue
		}
		switch o.trace.compare(r, o.pos) {
		case whole:
			if rest != nil {
				rest.Close()
			}
			at, rest = i, r
			if !s.info.ModTime().Before(l.seen.Add(-margin)) {
				return at, rest, nil
			}
			continue // an older one may be any copy: take the newest of them
		case part:
			short = i
		}
		r.Close()
	}
	if at < 0 && short >= 0 {
		return short, io.NopCloser(strings.NewReader("")), nil
	}
	return at, rest, nil
}

// unseen looks for copies of the newest file, of which nothing was read yet, that were
// made before it was truncated.
func (f *File) unseen() {
	o := f.newest()
	_, copies, err := f.copied(o)
	switch {
	case err != nil:
		f.missed(err.Error())
	case len(copies) > 0 && o == f.at:
		f.at = &opened{regular: true, info: o.info}
		f.next = append(copies, o)
	case len(copies) > 0:
		f.next = slices.Insert(f.next, len(f.next)-1, copies...)
	}
}
