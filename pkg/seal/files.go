package seal

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"auditctl/pkg/internal/rotated"
)

// A found is a file of a log as it was found.
type found struct {
	path string
	info os.FileInfo
}

// errMoved is the error for a file that is no longer where it was found. Everything must
// be tried again then.
var errMoved = errors.New("the files of the log keep being moved")

// maxTries is how often to try while files are being moved.
const maxTries = 100

// again calls do until no files were moved meanwhile.
func again(do func() error) (err error) {
	for range maxTries {
		if err = do(); !errors.Is(err, errMoved) {
			break
		}
	}
	return err
}

// files returns the log and its rotated files, newest first.
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

// look returns the files, perhaps while they are being moved.
func (l Log) look() ([]found, error) {
	dir := filepath.Dir(l.Path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	byNumber := make(map[int]string)
	for _, entry := range entries {
		n, ok := l.number(entry.Name())
		if !ok {
			continue
		}
		// If a file exists both compressed and not, take the latter.
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

// number returns the number of a file of the log, as [rotated.Number] does.
func (l Log) number(name string) (int, bool) { return rotated.Number(filepath.Base(l.Path), name) }

// name returns the name of a file of the log as in a manifest: without the suffix of
// compression.
func (l Log) name(path string) string {
	n, _ := l.number(filepath.Base(path))
	return l.numbered(n)
}

func (l Log) numbered(n int) string {
	base := filepath.Base(l.Path)
	if n == 0 {
		return base
	}
	return rotated.Path(base, n)
}

// moved returns the name that a file has now if the file called last was moved to a path.
func (l Log) moved(name, last, path string) string {
	n, ok := l.number(name)
	if !ok {
		return name
	}
	to, _ := l.number(filepath.Base(path))
	from, _ := l.number(last)
	return l.numbered(n + to - from)
}
