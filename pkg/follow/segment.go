package follow

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"auditctl/pkg/compress"
	"auditctl/pkg/osfile"
)

// A segment is a file whose name says that it may have been at the path before.
type segment struct {
	path   string
	info   os.FileInfo
	name   string // its path before it was compressed
	suffix string // that it got then, or ""

	// The form of the name: with a number, FILE.1, of which the lowest is the
	// newest; with a date, FILE-20260310; or odd. Within FILE's name, before its
	// extension, is a form that other logs may have as well.
	number int // -1: none
	odd    bool
	within bool
}

// compressedSuffixes are those of compressed files.
var compressedSuffixes = []string{string(compress.Gzip), string(compress.Zstd), ".xz", ".bz2", ".lz4", ".lzma", ".zip", ".Z"}

// asideSuffixes are those of files that are kept beside a log and are none.
var asideSuffixes = []string{"torn", "compressing", "idx", "tlog", "rejects", "bak", "orig", "tmp", "part", "swp"}

// A place is a directory, and the name in it that segments' names begin with.
type place struct{ dir, base string }

// segment returns the segment of a name in the directory, if it can be one.
func (p place) segment(name string) (s segment, ok bool) {
	s = segment{path: filepath.Join(p.dir, name), number: -1}
	if ext := filepath.Ext(name); slices.Contains(compressedSuffixes, ext) {
		s.suffix = ext
		name = strings.TrimSuffix(name, ext)
	}
	s.name = filepath.Join(p.dir, name)
	suffix, ok := strings.CutPrefix(name, p.base)
	if !ok {
		ext := filepath.Ext(p.base)
		if suffix, ok = strings.CutPrefix(name, strings.TrimSuffix(p.base, ext)); !ok || ext == "" {
			return s, false
		}
		if suffix, ok = strings.CutSuffix(suffix, ext); !ok {
			return s, false
		}
		s.within = true
	}
	digits, dotted := strings.CutPrefix(suffix, ".")
	n, err := strconv.Atoi(digits)
	switch {
	case suffix == "":
		return s, false // the file itself, or it as a compressed one
	case dotted && err == nil && strconv.Itoa(n) == digits && len(digits) < minDate:
		s.number = n
	case !isDate(suffix):
		s.odd = true
		return s, !s.within && !isAside(suffix)
	}
	return s, true
}

// minDate is how many digits a date has at least.
const minDate = 6

// isDate reports whether a suffix is a date, or a date and more numbers.
func isDate(suffix string) bool {
	digits := 0
	for _, c := range suffix {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case !strings.ContainsRune("-_.:+TZ", c):
			return false
		}
	}
	return digits >= minDate
}

func isAside(suffix string) bool {
	return strings.HasSuffix(suffix, "~") || slices.ContainsFunc(strings.Split(suffix, "."), func(part string) bool {
		return slices.Contains(asideSuffixes, part)
	})
}

// list returns the segments in some places, the oldest first, and the first error
// of looking at them. It opens nothing, and follows no links.
func list(places []place) (found []segment, err error) {
	for _, p := range places {
		entries, dirErr := os.ReadDir(p.dir)
		if err == nil {
			err = dirErr
		}
		for _, entry := range entries {
			s, ok := p.segment(entry.Name())
			if !ok || slices.ContainsFunc(found, func(other segment) bool { return other.path == s.path }) {
				continue
			}
			var infoErr error
			s.info, infoErr = entry.Info()
			switch {
			case infoErr == nil && s.info.Mode().IsRegular():
				found = append(found, s)
			case err == nil && !errors.Is(infoErr, fs.ErrNotExist):
				err = infoErr
			}
		}
	}
	// What is compressed is not complete while the original is there.
	plain := make(map[string]bool)
	for _, s := range found {
		plain[s.path] = true
	}
	found = slices.DeleteFunc(found, func(s segment) bool { return s.suffix != "" && plain[s.name] })
	return inOrder(found), err
}

// inOrder puts the oldest first: by their numbers, where they have some, and else
// by when they were last written to.
func inOrder(segments []segment) []segment {
	var numbered, others []segment
	for _, s := range segments {
		if s.number >= 0 {
			numbered = append(numbered, s)
		} else {
			others = append(others, s)
		}
	}
	slices.SortStableFunc(numbered, func(a, b segment) int { return b.number - a.number })
	slices.SortStableFunc(others, func(a, b segment) int {
		if c := a.info.ModTime().Compare(b.info.ModTime()); c != 0 {
			return c
		}
		return compareNames(a.name, b.name)
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

// compareNames compares names, and numbers in them by their values.
func compareNames(a, b string) int {
	number := func(s string) (digits string) {
		return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
	}
	for a != "" && b != "" {
		x, y := number(a), number(b)
		if x == "" || y == "" {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		a, b = a[len(x):], b[len(y):]
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if c := len(x) - len(y); c != 0 {
			return c
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
	}
	return len(a) - len(b)
}

// sameSegments reports whether no file has come, gone or moved between two lists.
func sameSegments(a, b []segment) bool {
	byPath := func(a, b segment) int { return strings.Compare(a.path, b.path) }
	a, b = slices.SortedFunc(slices.Values(a), byPath), slices.SortedFunc(slices.Values(b), byPath)
	return slices.EqualFunc(a, b, func(a, b segment) bool { return a.path == b.path && os.SameFile(a.info, b.info) })
}

// errMoved says that a file is not where it was found any more.
var errMoved = errors.New("moved again and again")

// open opens the file that the segment was when it was listed.
func (s segment) open() (*opened, error) {
	file, err := osfile.OpenRegular(s.path, os.O_RDONLY|osfile.NoFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	} else if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !os.SameFile(info, s.info) {
		file.Close()
		return nil, errMoved
	}
	return &opened{file: file, info: info, regular: true, name: s.path}, nil
}

// readable reports whether it can be read what was compressed.
func (s segment) readable() bool {
	return s.suffix == "" || compress.ByName(s.path) != compress.None
}

// decompressed returns what the segment has for lines, from its start.
func (s segment) decompressed() (io.ReadCloser, error) {
	o, err := s.open()
	if err != nil {
		return nil, err
	}
	if s.suffix == "" {
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

// headSize is by how many bytes files are compared.
const headSize = 64 << 10

// head returns the first bytes of the segment's lines; none if they cannot be read.
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
	n, _ := io.ReadFull(r, head) // what cannot be read is not alike
	return head[:n]
}

// alike reports whether one head is how the other one begins, or goes on.
func alike(a, b []byte) bool {
	n := min(len(a), len(b))
	return n > 0 && bytes.Equal(a[:n], b[:n])
}
