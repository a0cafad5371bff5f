package seal

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// A logReader reads a log from its oldest sealed file on, and what came after the sealed
// lines. Files may be rotated meanwhile.
type logReader struct {
	log    Log
	loaded *loaded
	began  []beginning // of the sealed files

	files []file // as they were sealed
	all   []found
	at    []int // where the files are among all; negative if one is gone

	next    int     // the file to be read next; beyond files, one of those that are newer
	current *reader // nil: the next one must be opened
	lines   int64   // line feeds read or skipped
	end     int64   // lines up to the end of the current file, as they were sealed
}

func (l Log) newReader(s *sidecar, ld *loaded) (*logReader, error) {
	r := &logReader{log: l, loaded: ld, files: []file{{lines: ld.last.body.N, name: filepath.Base(l.Path)}}}
	if ld.manifest != nil {
		r.files = ld.manifest.files
	}
	var err error
	if r.began, err = beginnings(r.files, 0, s.tree(ld.last.body.Tree), ld.erasures); err != nil {
		return nil, s.treeError(err)
	}
	return r, again(r.locate)
}

// locate finds the files.
func (r *logReader) locate() error {
	all, err := r.log.files()
	if err != nil {
		return err
	}
	m := r.loaded.manifest
	at, err := r.log.locate(r.began, m != nil && m.closed, all)
	if err == nil {
		r.all, r.at = all, at
	}
	return err
}

// pruned returns how many lines at the start are gone with the oldest files.
func (r *logReader) pruned() (lines int64) {
	for i, f := range r.files {
		if r.at[i] >= 0 {
			break
		}
		lines += f.lines
	}
	return lines
}

// skip skips files, without reading their rest, as long as a line, counted from 1, is in a
// later one. It reports whether it did: then the next byte begins the line after r.lines.
func (r *logReader) skip(line int64) (skipped bool, err error) {
	if r.current != nil && r.next < len(r.files) && r.end < line {
		err, skipped = r.Close(), true
		r.lines = r.end
	}
	for r.current == nil && r.next < len(r.files) && r.lines+r.files[r.next].lines < line {
		r.lines += r.files[r.next].lines
		r.next++
		skipped = true
	}
	return skipped, err
}

// Read implements [io.Reader]. A file with more or fewer lines than were sealed is an error,
// since all later lines would have other numbers.
func (r *logReader) Read(p []byte) (int, error) {
	for {
		if r.current == nil {
			if err := again(r.open); err != nil {
				return 0, err
			}
		}
		n, err := r.current.Read(p)
		r.lines += int64(bytes.Count(p[:n], []byte{'\n'}))
		if err == io.EOF {
			path := r.current.path
			err = r.Close()
			if r.next < len(r.files) && r.lines != r.end {
				err = cmp.Or(err, changedf("%s does not end with line %d as it did when it was sealed", path, r.end))
			}
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// open opens the next file. It is [io.EOF] if there is none.
func (r *logReader) open() error {
	if r.next < len(r.files) {
		return r.openSealed(r.files[r.next])
	}
	newest := len(r.all)
	if len(r.at) > 0 {
		newest = r.at[len(r.at)-1]
	}
	at := newest - 1 - (r.next - len(r.files))
	if at < 0 {
		return io.EOF
	}
	return r.openAt(at)
}

func (r *logReader) openSealed(f file) error {
	at, last := r.at[r.next], r.next == len(r.files)-1
	if at < 0 || at >= len(r.all) {
		return &ChangedError{Short: true, Reason: fmt.Sprintf("the lines from %d to %d are gone with %s", r.lines+1, r.lines+f.lines, f.name)}
	}
	err := r.openAt(at)
	if err == nil {
		r.current.complete = r.current.complete || !last
		r.end = r.lines + f.lines
	}
	return err
}

func (r *logReader) openAt(at int) (err error) {
	if r.current, err = r.log.openOneOf(r.all, at); err != nil {
		r.current = nil
		if errors.Is(err, errMoved) {
			err = cmp.Or(r.locate(), err)
		}
		return err
	}
	r.next++
	return nil
}

// Close closes the current file.
func (r *logReader) Close() error {
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}
