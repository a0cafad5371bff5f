package follow

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"auditctl/pkg/compress"
	"auditctl/pkg/internal/osfile"
	"auditctl/pkg/internal/rotated"
	"auditctl/pkg/openfiles"
)

// A segment is a file that may have been at the path before, by its name.
type segment struct {
	rotated.Name
	path  string
	info  os.FileInfo
	files *openfiles.Pool // which opens it
	plain string          // its path before it was compressed
}

// A place is a directory and the name of the log in it.
type place struct{ dir, base string }

// segment returns the segment with a name in the directory, if it can be one.
func (p place) segment(name string) (s segment, ok bool) {
	parsed, ok := rotated.Parse(p.base, name)
	return segment{Name: parsed, path: filepath.Join(p.dir, name), plain: filepath.Join(p.dir, parsed.Plain)}, ok
}

// list returns the segments that may be rotated files, oldest first, and the first error.
// It opens no files and follows no links.
func (f *File) list() (found []segment, err error) {
	for _, p := range f.places() {
		names, dirErr := f.watcher.lister.names(p.dir, strings.TrimSuffix(p.base, filepath.Ext(p.base)))
		if err == nil {
			err = dirErr
		}
		for _, name := range names {
			s, ok := p.segment(name)
			if !ok || slices.ContainsFunc(found, func(other segment) bool { return other.path == s.path }) {
				continue
			}
			s.files = f.watcher.Files
			var infoErr error
			s.info, infoErr = os.Lstat(s.path)
			switch {
			case infoErr == nil && s.info.Mode().IsRegular():
				found = append(found, s)
			case err == nil && !errors.Is(infoErr, fs.ErrNotExist):
				err = infoErr
			}
		}
	}
	// A compressed file is incomplete as long as the original exists.
	exists := make(map[string]bool)
	for _, s := range found {
		exists[s.path] = true
	}
	found = slices.DeleteFunc(found, func(s segment) bool { return s.Suffix != "" && exists[s.plain] })
	return inOrder(found), err
}

// inOrder sorts segments oldest first: by number where they have one, else by the time
// they were last written to.
func inOrder(segments []segment) []segment {
	var numbered, others []segment
	for _, s := range segments {
		if s.Number >= 0 {
			numbered = append(numbered, s)
		} else {
			others = append(others, s)
		}
	}
	slices.SortStableFunc(numbered, func(a, b segment) int { return b.Number - a.Number })
	slices.SortStableFunc(others, func(a, b segment) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return rotated.Compare(a.plain, b.plain)
	})
	ordered := segments[:0:0]
	for len(numbered) > 0 && len(others) > 0 {
		from := &numbered
		if others[0].info.ModTime().Before(numbered[0].info.ModTime()) {
			from = &others
		}
		ordered = append(ordered, (*from)[0])
		*from = (*from)[1:]
	}
	return slices.Concat(ordered, numbered, others)
}

// sameSegments reports whether two lists have the same files in the same places.
func sameSegments(a, b []segment) bool {
	byPath := func(a, b segment) int { return strings.Compare(a.path, b.path) }
	a, b = slices.SortedFunc(slices.Values(a), byPath), slices.SortedFunc(slices.Values(b), byPath)
	return slices.EqualFunc(a, b, func(a, b segment) bool { return a.path == b.path && os.SameFile(a.info, b.info) })
}

// errMoved is the error for a file that is no longer where it was found.
var errMoved = errors.New("moved again and again")

// open opens the segment, if it is still the file that was listed.
func (s segment) open() (*opened, error) {
	file, err := s.files.Open(s.path, syscall.O_NONBLOCK|osfile.NoFollow)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	} else if err != nil {
		return nil, err
	}
	if !os.SameFile(file.Info(), s.info) {
		file.Close()
		return nil, errMoved
	}
	return newOpened(file), nil
}

// readable reports whether the segment is not compressed, or in a way we can read.
func (s segment) readable() bool {
	return s.Suffix == "" || compress.ByName(s.path) != compress.None
}

// decompressed opens the segment to read its lines from the start.
func (s segment) decompressed() (io.ReadCloser, error) {
	o, err := s.open()
	if err != nil {
		return nil, err
	}
	o.file.Reopened = nil // it is compared with what was read of it
	if s.Suffix == "" {
		return o.file, nil
	}
	r := compress.NewReader(o.file)
	return decompressing{r, closers{r, o.file}}, nil
}

type decompressing struct {
	io.Reader
	io.Closer
}

type closers []io.Closer

func (c closers) Close() (err error) {
	for _, one := range c {
		err = errors.Join(err, one.Close())
	}
	return err
}

// headSize is how many bytes of files are compared.
const headSize = 64 << 10

// head returns the first bytes of the segment's lines, none if they cannot be read.
func (s segment) head() []byte {
	r, err := s.decompressed()
	if err != nil {
		return nil
	}
	defer r.Close()
	return readHead(r)
}

func readHead(r io.Reader) []byte {
	head := make([]byte, headSize)
	n, _ := io.ReadFull(r, head) // after an error it is not alike
	return head[:n]
}

// alike reports whether one head is a prefix of the other, and neither is empty.
func alike(a, b []byte) bool {
	n := min(len(a), len(b))
	return n > 0 && bytes.Equal(a[:n], b[:n])
}
