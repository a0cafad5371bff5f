package seal

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
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

// A found file is one that belongs to a log, where it was found.
type found struct {
	path string
	info os.FileInfo
}

// errMoved is the error for a file that is not where it was found any more. All is
// to be done again then.
var errMoved = errors.New("files of the log are moved all the time")

// maxTries is how often a log is looked at whose files are moved meanwhile.
const maxTries = 100

// files returns the log and what was moved away from it, the newest first.
func (l Log) files() ([]found, error) {
	var before []found
	for range maxTries {
		files, err := l.look()
		if err != nil {
			return nil, err
		}
		if before != nil && slices.EqualFunc(before, files, func(a, b found) bool { return a.path == b.path && os.SameFile(a.info, b.info) }) {
			return files, nil
		}
		before = append([]found{}, files...)
	}
	return nil, errMoved
}

// look returns the files as they are, or as they are being moved.
func (l Log) look() ([]found, error) {
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
	var files []found
	for _, n := range slices.Sorted(maps.Keys(byNumber)) {
		info, err := os.Stat(byNumber[n])
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, err
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("%s is not a file", byNumber[n])
		}
		files = append(files, found{byNumber[n], info})
	}
	return files, nil
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

// name returns the name of a file of the log as it is in a manifest: without the
// suffix that it has while it is compressed.
func (l Log) name(path string) string { return l.numbered(l.number(filepath.Base(path))) }

func (l Log) numbered(n int) string {
	if n == 0 {
		return filepath.Base(l.Path)
	}
	return fmt.Sprintf("%s.%d", filepath.Base(l.Path), n)
}

// moved returns the name that a file of the log has after another one, called last
// before, was moved to a path.
func (l Log) moved(name, last, path string) string {
	by := l.number(filepath.Base(path)) - l.number(last)
	if n := l.number(name); n >= 0 {
		return l.numbered(n + by)
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

func (l Log) open(f found) (*reader, error) {
	raw, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	if info, err := raw.Stat(); err != nil || !os.SameFile(info, f.info) {
		raw.Close()
		return nil, cmp.Or(err, errMoved)
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
func (l Log) firstLeaf(f found) ([]byte, error) {
	r, err := l.open(f)
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

// withFirst returns which of the files begins with a leaf, from some index on; -1 if
// none does.
func (l Log) withFirst(leaf tlog.Hash, all []found, from int) (int, error) {
	for i := from; i < len(all); i++ {
		first, err := l.firstLeaf(all[i])
		if err != nil {
			return -1, err
		}
		if string(first) == string(leaf[:]) {
			return i, nil
		}
	}
	return -1, nil
}

// locate returns where in what was found, the newest first, each of the files is
// now, -1 for one that is gone. The first of them begins with leaf n; the last is
// more likely to be found where it was moved if it was closed. Files that were moved
// are known by their first line. One whose first line is another than was sealed is
// taken to be beside its neighbours.
func (l Log) locate(files []file, n int64, closed bool, all []found, tree tlog.HashReader) ([]int, error) {
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
		from := next
		if closed && i == len(files)-1 {
			from = 1
		}
		at[i], err = l.withFirst(leaves[i], all, from)
		if err == nil && at[i] < 0 && from > next {
			at[i], err = l.withFirst(leaves[i], all[:1], next)
		}
		if err != nil {
			return nil, err
		}
		next = max(next, at[i]+1)
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
		if guess > newer && guess < min(older, len(all)) {
			at[i] = guess
		}
	}
	return at, nil
}
