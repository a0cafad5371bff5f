package follow

import (
	"os"
	"path/filepath"
	"slices"

	"auditctl/pkg/internal/rotated"
	"auditctl/pkg/openfiles"
)

// maxRead is how many files are remembered as read.
const maxRead = 64

// A readFile is a file that was or will be read.
type readFile struct {
	of   *opened
	file *openfiles.File
	head []byte // the first bytes of it, as far as they were read
}

// remembered notes which files are read, for [File.Reads].
func (f *File) remembered() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, o := range append([]*opened{f.previous, f.at}, f.next...) {
		if o == nil || o.file == nil || !o.regular {
			continue
		}
		i := slices.IndexFunc(f.read, func(r readFile) bool { return r.of == o })
		if i < 0 {
			i, f.read = len(f.read), append(f.read, readFile{of: o, file: o.file})
		}
		f.read[i].head = o.trace.head // bytes are only added to it
	}
	f.read = f.read[max(0, len(f.read)-maxRead):]
}

// isOthers reports whether the file at the path is one that another File reads.
func (f *File) isOthers() bool {
	if f.Others == nil {
		return false
	}
	if f.others.At(f.path) {
		return true
	}
	id, err := openfiles.IDOf(f.path)
	if err != nil || !f.Others() {
		return false
	}
	f.others = id
	return true
}

// Reads reports whether f reads or has read the file at another path: it was moved there
// from f's path, or it is a copy that a rotation made, compressed or not. Unlike other
// methods it may be called at any time.
func (f *File) Reads(path string) bool {
	info, err := os.Stat(path)
	if err != nil || f.path == "" {
		return false
	}
	f.mu.Lock()
	read := slices.Clone(f.read)
	f.mu.Unlock()
	if slices.ContainsFunc(read, func(r readFile) bool { return r.file.Is(path, info) }) {
		return true
	}
	at, err := placeOf(f.path)
	if err != nil || filepath.Dir(at) != filepath.Dir(path) {
		return false
	}
	name, ok := rotated.Parse(filepath.Base(at), filepath.Base(path))
	if !ok {
		return false
	}
	s := segment{Name: name, path: path, info: info, files: f.watcher.Files}
	head := s.head()
	return slices.ContainsFunc(read, func(r readFile) bool { return alike(head, r.head) })
}
