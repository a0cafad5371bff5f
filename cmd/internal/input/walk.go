package input

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A walk finds the logs below directories, each of them once.
type walk struct {
	seen   map[string]bool // real paths of what was found
	linked []os.FileInfo   // of files that were found and have several names
	dirs   []string        // real paths of the directories that were read
}

func newWalk() *walk { return &walk{seen: make(map[string]bool)} }

// A log is one that was found below a directory, or a directory that cannot be read.
type log struct {
	path string // by which it is opened
	real string
	err  error
}

func (l log) input() *Input {
	return &Input{path: l.path, name: l.path, real: l.real, err: l.err}
}

// found is what was found below a directory.
type found struct {
	*walk
	dir  *Directory
	logs []log
	any  bool // there are logs, even if they were found before

	hidden, links, special int // how many entries were left out
}

// name makes the walk leave out an input, which is named itself.
func (w *walk) name(in *Input) {
	if st := in.Stat(); st != nil && st.Mode().IsRegular() {
		if real, err := realPath(in.path); err == nil {
			w.isNew(real, st)
		}
	}
}

// isNew reports whether a regular file is found for the first time.
func (w *walk) isNew(real string, st os.FileInfo) bool {
	if w.seen[real] {
		return false
	}
	w.seen[real] = true
	if hasSeveralNames(st) {
		if slices.ContainsFunc(w.linked, func(other os.FileInfo) bool { return os.SameFile(st, other) }) {
			return false
		}
		w.linked = append(w.linked, st)
	}
	return true
}

// walk finds the logs below a directory.
func (w *walk) walk(d *Directory) *found {
	f := &found{walk: w, dir: d}
	f.below(d.path, d.real)
	return f
}

func (f *found) below(path, real string) {
	f.dirs = append(f.dirs, real)
	entries, err := os.ReadDir(path)
	if err != nil && (path == f.dir.path || !errors.Is(err, fs.ErrNotExist)) {
		f.logs = append(f.logs, log{path, real, err})
	}
	path = strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator)
	for _, entry := range entries {
		path, real := path+entry.Name(), filepath.Join(real, entry.Name())
		switch name, mode := entry.Name(), entry.Type(); {
		case mode&fs.ModeSymlink != 0:
			f.link(path)
		case isHidden(name):
			if mode.IsDir() || isLog(name) {
				f.hidden++
			}
		case mode.IsDir():
			f.below(path, real)
		case isLog(name):
			if st, err := entry.Info(); err == nil { // else it is gone
				f.add(path, real, st)
			}
		}
	}
}

// link finds what a symbolic link leads to, unless that is found where it is.
func (f *found) link(path string) {
	var st os.FileInfo
	real, err := realPath(path)
	if err == nil {
		st, err = os.Stat(real)
	}
	isDir := err == nil && st.IsDir()
	if !isDir && !isLog(path) {
		return // as any file that does not have the name of a log
	}
	rel, below := f.dir.below(real)
	switch {
	case isHidden(filepath.Base(path)):
		f.hidden++
	case err != nil, !below:
		f.links++
	case !isHidden(rel) && (isDir || isLog(rel)):
	case !isDir:
		f.add(path, real, st)
	case !f.seen[real]:
		f.seen[real] = true
		f.below(path, real)
	}
}

// add adds a file with the name of a log.
func (f *found) add(path, real string, st os.FileInfo) {
	if !st.Mode().IsRegular() {
		f.special++
		return
	}
	f.any = true
	if f.isNew(real, st) {
		f.logs = append(f.logs, log{path: path, real: real})
	}
}

// nothing reports whether there are no logs, although the directories could be read.
func (f *found) nothing() bool { return !f.any && len(f.logs) == 0 }

// leftOut says what was left out, if anything was.
func (f *found) leftOut() string {
	var parts []string
	for _, part := range []struct {
		what string
		n    int
	}{
		{"hidden entries", f.hidden},
		{"links that lead out of it", f.links},
		{"FIFOs, devices and sockets", f.special},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%s (%d)", part.what, part.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "left out " + strings.Join(parts, ", ")
}
