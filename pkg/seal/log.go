package seal

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// A Log is a JSONL log that is sealed, or is to be.
type Log struct {
	// Path is the file that lines are appended to. What was moved away from it,
	// to Path.1, Path.2 and so on, compressed or not, belongs to the log if it
	// holds what was sealed, or what came after that.
	Path string

	// Unpack, if set, reads what may be compressed. Otherwise nothing is taken
	// to be.
	Unpack func(io.Reader) Unpacker
}

// An Unpacker reads the bytes of a file.
type Unpacker interface {
	io.ReadCloser

	// Packed reports, once something was read, whether the file is compressed.
	Packed() bool
}

// resolve returns the log whose path is no symbolic link, as the files that are
// moved away stand beside what the link leads to.
func (l Log) resolve() Log {
	if path, err := filepath.EvalSymlinks(l.Path); err == nil {
		l.Path = path
	}
	return l
}

// sidecar returns the log's sidecar.
func (l Log) sidecar() sidecar { return sidecar(l.Path + ".tlog") }

// files returns the paths of the log and of what was moved away from it, the
// newest first.
func (l Log) files() ([]string, error) {
	dir := filepath.Dir(l.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	byNumber := make(map[int]string)
	for _, entry := range entries {
		n := l.number(entry.Name())
		if n < 0 {
			continue
		}
		// Where a file is there compressed as well it is the same.
		if path := filepath.Join(dir, entry.Name()); byNumber[n] == "" || len(path) < len(byNumber[n]) {
			byNumber[n] = path
		}
	}
	numbers := make([]int, 0, len(byNumber))
	for n := range byNumber {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	paths := make([]string, len(numbers))
	for i, n := range numbers {
		paths[i] = byNumber[n]
	}
	return paths, nil
}

// number returns the number that the name of a file of the log has: 0 for the log
// itself, -1 for another file.
func (l Log) number(name string) int {
	base := filepath.Base(l.Path)
	if name == base {
		return 0
	}
	digits, ok := strings.CutPrefix(name, base+".")
	digits = strings.TrimSuffix(strings.TrimSuffix(digits, ".gz"), ".zst")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || strconv.Itoa(n) != digits {
		return -1
	}
	return n
}

// moved returns the name that a file of the log has after another one, called last
// before, was moved to a path.
func (l Log) moved(name, last, path string) string {
	by := l.number(filepath.Base(path)) - l.number(last)
	if n := l.number(name); by != 0 && n >= 0 {
		return fmt.Sprintf("%s.%d", filepath.Base(l.Path), n+by)
	}
	return name
}

// check returns an error for what is not a file.
func (l Log) check() error {
	st, err := os.Stat(l.Path)
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", l.Path)
	}
	return err
}

// A reader reads a file of a log.
type reader struct {
	io.Reader
	raw    *os.File
	packed Unpacker // nil if it is not compressed
}

func (l Log) open(path string) (*reader, error) {
	raw, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &reader{raw, raw, nil}
	if l.Unpack == nil {
		return r, nil
	}
	unpacker := l.Unpack(raw)
	in := bufio.NewReader(unpacker)
	if _, err := in.Peek(1); err != nil && err != io.EOF {
		raw.Close()
		return nil, err
	}
	if unpacker.Packed() {
		r.Reader, r.packed = in, unpacker
		return r, nil
	}
	if _, err := raw.Seek(0, io.SeekStart); err != nil {
		raw.Close()
		return nil, err
	}
	return r, nil
}

func (r *reader) Close() error {
	var err error
	if r.packed != nil {
		err = r.packed.Close()
	}
	return cmp.Or(err, r.raw.Close())
}

// sync syncs the file, as far as one can that is open for reading.
func (r *reader) sync() error {
	err := r.raw.Sync()
	if errors.Is(err, os.ErrPermission) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}

// firstLeaf returns the leaf hash of the first line of a file, nil if it has none.
func (l Log) firstLeaf(path string) ([]byte, error) {
	r, err := l.open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := (&lines{src: r}).next(0, 1)
	if err != nil || b == nil {
		return nil, err
	}
	if b.buf != nil {
		b.hash(nil)
	}
	return b.hashes, nil
}

// locate returns where in paths, which are the newest first, each of the files is
// now, -1 for one that is gone. The first of them begins with leaf n. Files that
// were moved are known by their first line. One whose first line is another than
// was sealed is taken to be beside its neighbours.
func (l Log) locate(files []file, n int64, paths []string, tree tlog.HashReader) ([]int, error) {
	at := make([]int, len(files))
	first := make([]int64, len(files)) // stored hash indexes of first lines
	for i, f := range files {
		at[i], first[i] = -1, tlog.StoredHashIndex(0, n)
		n += f.lines
	}
	leaves, err := tree.ReadHashes(first)
	if err != nil {
		return nil, err
	}
	next := 0
	for i := len(files) - 1; i >= 0; i-- {
		for j := next; j < len(paths); j++ {
			leaf, err := l.firstLeaf(paths[j])
			if err != nil {
				return nil, err
			}
			if string(leaf) == string(leaves[i][:]) {
				at[i], next = j, j+1
				break
			}
		}
	}
	for i := range files {
		if at[i] >= 0 {
			continue
		}
		newer, older := -1, math.MaxInt
		if i+1 < len(files) {
			newer = slices.Max(at[i+1:])
		}
		guess := newer + 1
		if i > 0 && at[i-1] >= 0 {
			older = at[i-1]
			guess = older - 1
		}
		if guess > newer && guess < min(older, len(paths)) {
			at[i] = guess
		}
	}
	return at, nil
}
