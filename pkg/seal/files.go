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
		n, ok := l.number(entry.Name())
		if !ok {
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

// number returns which file of the log has a name, as [rotated.Number] does.
func (l Log) number(name string) (int, bool) { return rotated.Number(filepath.Base(l.Path), name) }

// name returns the name of a file of the log as it is in a manifest: without the
// suffix that it has while it is compressed.
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

// moved returns the name that a file of the log has after another one, called last
// before, was moved to a path.
func (l Log) moved(name, last, path string) string {
	n, ok := l.number(name)
	if !ok {
		return name
	}
	to, _ := l.number(filepath.Base(path))
	from, _ := l.number(last)
	return l.numbered(n + to - from)
}
