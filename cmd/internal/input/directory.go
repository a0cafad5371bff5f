package input

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"auditctl/pkg/compress"
)

// A Directory is an input that means all logs below it.
type Directory struct {
	path string // as it was named
	real string // absolute, without symbolic links

	// LeftOut says what was left out below it; empty: nothing was.
	LeftOut string
}

// WithLogs puts in the place of each directory among inputs the logs below it: regular
// files with the name of a log, in the order of the names in each directory. If a
// directory cannot be read or has no logs, an input that fails takes its place.
//
// Hidden entries and links that lead out of the directory are left out. A file below
// several directories, or with several names, is read once; one that is named itself is
// not read in the place of a directory. If the inputs are followed, logs may come later,
// and a directory without any is no failure.
func WithLogs(inputs []*Input, followed bool) (all []*Input, dirs []*Directory) {
	dirOf := make(map[*Input]*Directory)
	w := newWalk()
	for _, in := range inputs {
		if d := in.directory(); d != nil {
			dirOf[in] = d
		} else {
			w.name(in)
		}
	}
	if len(dirOf) == 0 {
		return inputs, nil
	}
	for _, in := range inputs {
		d := dirOf[in]
		if d == nil {
			all = append(all, in)
			continue
		}
		dirs = append(dirs, d)
		found := w.walk(d)
		for _, log := range found.logs {
			all = append(all, log.input())
		}
		if found.nothing() && !followed {
			all = append(all, &Input{path: d.path, name: d.path, err: errNoLogs})
		}
		d.LeftOut = found.leftOut()
	}
	return all, dirs
}

// directory returns the directory that the input is, nil if it is none.
func (in *Input) directory() *Directory {
	if in.stream != nil || in.path == "-" {
		return nil
	}
	if st := in.Stat(); st == nil || !st.IsDir() {
		return nil
	}
	d := &Directory{path: in.path}
	var err error
	if d.real, err = realPath(in.path); err != nil {
		return nil // it is gone, and opening it will say so
	}
	return d
}

// Path returns the path as it was given.
func (d *Directory) Path() string { return d.path }

// Reads reports whether a regular file at a path, which need not exist, is read as one
// of the logs below the directory.
func (d *Directory) Reads(path string) bool {
	dir, err := realPath(filepath.Dir(path))
	if err != nil {
		return false
	}
	rel, below := d.below(filepath.Join(dir, filepath.Base(path)))
	return below && isLog(rel) && !isHidden(rel)
}

// below returns the path from the directory to a real path, false if it is not below.
func (d *Directory) below(real string) (rel string, ok bool) {
	rel, err := filepath.Rel(d.real, real)
	return rel, err == nil && filepath.IsLocal(rel)
}

// realPath returns the absolute path without symbolic links.
func realPath(path string) (string, error) {
	// Abs would remove a .. after a link without looking where the link leads.
	path, err := filepath.EvalSymlinks(path)
	if err == nil {
		path, err = filepath.Abs(path)
	}
	if err == nil {
		path, err = filepath.EvalSymlinks(path) // the working directory may have links, too
	}
	return path, err
}

// logNames are what the names of logs end with, unless they are compressed.
var logNames = []string{".jsonl", ".json", ".ndjson"}

var errNoLogs = errors.New("no logs below it (*" + strings.Join(logNames, ", *") + ", with or without .gz or .zst)")

// isJSON reports whether the name of a file is that of any JSON, not only of lines.
func isJSON(path string) bool { return plainExt(path) == ".json" }

// isLog reports whether the name of a file is that of a log.
func isLog(path string) bool { return slices.Contains(logNames, plainExt(path)) }

// plainExt returns the extension of a file's name without that of its compression, in small
// letters.
func plainExt(path string) string {
	name := strings.ToLower(path)
	return filepath.Ext(strings.TrimSuffix(name, string(compress.ByName(name))))
}

// isHidden reports whether a relative path leads to something hidden, or through it.
func isHidden(rel string) bool {
	for name := range strings.SplitSeq(rel, string(filepath.Separator)) {
		if strings.HasPrefix(name, ".") && name != "." {
			return true
		}
	}
	return false
}
