package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

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

// again calls do until the files were not moved meanwhile.
func again(do func() error) (err error) {
	for range maxTries {
		if err = do(); !errors.Is(err, errMoved) {
			break
		}
	}
	return err
}

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
		case errors.Is(err, fs.ErrNotExist), err == nil && n > 0 && !info.Mode().IsRegular():
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
