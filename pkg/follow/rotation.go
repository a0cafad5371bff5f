package follow

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// What is tried, before a file is taken for one of another kind: so many names
// in a row without a file, as rotation leaves some for a moment or for good, and
// so many times while files are being moved.
const (
	maxGaps  = 3
	maxTries = 100
)

// packedSuffixes are what the names of files get that were compressed.
var packedSuffixes = []string{".gz", ".zst"}

// openSuccessor opens the file that came to the path after last: where last was
// moved to path.3 it is path.2, and where it was moved to path.1 it is path. Where
// it is not found, as when only so many are kept, it is the oldest of those that
// were written to later. last may be nil.
func (f *File) openSuccessor(last *opened) (*opened, error) {
	// Where the path is a symbolic link the file that it leads to is moved.
	target, err := filepath.EvalSymlinks(f.path)
	if err != nil || last == nil {
		return open(f.path)
	}
	for range maxTries {
		isLast := func(name string) bool { return leadsTo(name, last.info) }
		n := number(target, isLast)
		if n == 0 && f.Unpack != nil {
			isLast = func(name string) bool { return last.packedAs(name, f.Unpack) }
			n = number(target, isLast)
		}
		gone := false
		if n == 0 {
			if after := firstAfter(target, last); after > 0 {
				n, isLast, gone = after+1, func(string) bool { return true }, true
			}
		}
		o, at, err := openBelow(target, n)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		}
		if gone {
			f.notice("the file that was read is gone: what came right after it may be missing")
		}
		// Files are moved from one number to the next in turn, the highest first.
		// If last is still where it was, and nothing is between them, nothing was
		// in between when the other one was opened.
		if n == 0 || firstBetween(target, at, n) == "" && isLast(existing(target, n)) {
			return o, nil
		}
		o.file.Close()
	}
	return nil, errors.New("moved again and again")
}

// numbered returns the name of the n-th file that was moved away.
func numbered(path string, n int) string { return fmt.Sprintf("%s.%d", path, n) }

// number returns with which number a file stands that was moved away, 0 if it is
// not found.
func number(path string, is func(name string) bool) int {
	for n, gaps := 1, 0; gaps < maxGaps; n++ {
		name := existing(path, n)
		switch {
		case name == "":
			gaps++
		case is(name):
			return n
		default:
			gaps = 0
		}
	}
	return 0
}

// firstAfter returns the highest number of the files that were written to after
// last was, 0 if there is none. Compressed ones are left alone: they may be
// anybody's.
func firstAfter(path string, last *opened) (highest int) {
	st, err := last.file.Stat()
	if err != nil {
		return 0
	}
	for {
		other, err := os.Stat(numbered(path, highest+1))
		if err != nil || !other.ModTime().After(st.ModTime()) {
			return highest
		}
		highest++
	}
}

// openBelow opens the file with the highest number below n, or, where there is
// none, the path.
func openBelow(path string, n int) (o *opened, at int, err error) {
	for at = n - 1; at > 0; at-- {
		if name := existing(path, at); name != "" {
			o, err = open(name)
			return o, at, err
		}
	}
	o, err = open(path)
	return o, 0, err
}

// firstBetween returns the name of the first file whose number is between two,
// "" if there is none.
func firstBetween(path string, low, high int) string {
	for n := low + 1; n < high; n++ {
		if name := existing(path, n); name != "" {
			return name
		}
	}
	return ""
}

// existing returns the name of the n-th file that was moved away, which may be
// compressed; "" if there is none.
func existing(path string, n int) string {
	for _, suffix := range append([]string{""}, packedSuffixes...) {
		name := numbered(path, n) + suffix
		if _, err := os.Lstat(name); err == nil {
			return name
		}
	}
	return ""
}

// leadsTo reports whether a name leads to a file.
func leadsTo(name string, file os.FileInfo) bool {
	st, err := os.Stat(name)
	return err == nil && os.SameFile(st, file)
}

// packedAs reports whether a name leads to the file's compressed form: to one
// that begins alike, where the original is gone.
func (o *opened) packedAs(name string, unpack func(io.Reader) io.ReadCloser) bool {
	if !slices.Contains(packedSuffixes, filepath.Ext(name)) || !o.regular {
		return false
	}
	packed, err := os.Open(name)
	if err != nil {
		return false
	}
	defer packed.Close()
	unpacked := unpack(packed)
	defer unpacked.Close()
	want := make([]byte, lastBlock)
	n, err := o.file.ReadAt(want, 0)
	if n == 0 || err != nil && err != io.EOF {
		return false
	}
	have := make([]byte, lastBlock)
	m, _ := io.ReadFull(unpacked, have) // what cannot be read is not alike
	return bytes.Equal(want[:n], have[:m])
}
