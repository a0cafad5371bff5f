package seal

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"filippo.io/torchwood"
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

// firstLeaves returns the leaf hashes of the first n lines of a file, or of as many
// as it has, of n up to a tile.
func (l Log) firstLeaves(f found, n int64) ([]byte, error) {
	r, err := l.open(f)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	in := &lines{src: r}
	var leaves []byte
	for in.n < n {
		b, err := in.next(0, n-in.n)
		if err != nil || b == nil {
			return leaves, err
		}
		if b.buf != nil {
			b.hash(func(tlog.Tile, []byte) error { return nil })
		}
		leaves = append(leaves, b.hashes...)
	}
	return leaves, nil
}

// locate returns where in what was found, the newest first, each of the files is
// now, -1 for one that is gone. The first of them begins with leaf n; the last is
// looked for where it was moved to first if it was closed. Files that were moved are
// known by their first lines. One that begins otherwise than was
// sealed is the one between its neighbours that is like it, or, if none is, taken
// to be beside them.
func (l Log) locate(files []file, n int64, closed bool, all []found, tree tlog.HashReader) ([]int, error) {
	at := make([]int, len(files))
	first := make([][]byte, len(files)) // leaves
	var indexes []int64
	for i, f := range files {
		at[i] = -1
		for leaf := range min(f.lines, torchwood.TileWidth) {
			indexes = append(indexes, tlog.StoredHashIndex(0, n+leaf))
		}
		n += f.lines
	}
	leaves, err := tree.ReadHashes(indexes)
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		for range min(f.lines, torchwood.TileWidth) {
			first[i] = append(first[i], leaves[0][:]...)
			leaves = leaves[1:]
		}
	}
	// between returns the places that one that is not found yet may have.
	between := func(i int) (from, to int) {
		from, to = 0, len(all)
		if i+1 < len(files) {
			from = slices.Max(at[i+1:]) + 1
		}
		for _, older := range slices.Backward(at[:i]) {
			if older >= 0 {
				return from, older
			}
		}
		return from, to
	}
	for _, whole := range []bool{true, false} {
		for i := len(files) - 1; i >= 0; i-- {
			if at[i] >= 0 {
				continue
			}
			from, to := between(i)
			places := span(from, to)
			if closed && i == len(files)-1 && len(places) > 1 {
				places = append(places[1:], places[0])
			}
			best := 0
			for _, j := range places {
				if best == len(first[i]) {
					break
				}
				have, err := l.firstLeaves(all[j], int64(len(first[i])/tlog.HashSize))
				if err != nil {
					return nil, err
				}
				if same := sameLeaves(have, first[i]); same > best && (!whole || same == len(first[i])) {
					at[i], best = j, same
				}
			}
		}
	}
	for i := range files {
		if at[i] >= 0 {
			continue
		}
		from, to := between(i)
		guess := from
		if i > 0 && at[i-1] >= 0 {
			guess = to - 1
		}
		if guess >= from && guess < to {
			at[i] = guess
		}
	}
	return at, nil
}

// span returns the numbers from one to another, without that.
func span(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

// sameLeaves returns how many bytes of the leaves of a file are what they were, none
// unless the first leaf is or most are.
func sameLeaves(have, was []byte) (same int) {
	for i := 0; i < min(len(have), len(was)); i += tlog.HashSize {
		if bytes.Equal(have[i:i+tlog.HashSize], was[i:i+tlog.HashSize]) {
			same += tlog.HashSize
		}
	}
	if !bytes.HasPrefix(have, was[:tlog.HashSize]) && 2*same <= len(was) {
		return 0
	}
	return same
}
