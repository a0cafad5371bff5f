package seal

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// A Log is a JSONL log that is sealed, or is to be.
type Log struct {
	// Path is the file that lines are appended to. What was moved away from it,
	// to Path.1, Path.2 and so on, compressed or not, belongs to the log if it
	// holds what was sealed, or what came after that. What is compressed has a name
	// that ends in .gz or .zst: others never are taken to be, whatever the first
	// line looks like.
	Path string

	opening func()  // for tests; may be nil
	stored  storage // for tests; nil: the operating system's
}

// resolve returns the log whose path is no symbolic link, as the files that are
// moved away are beside what the link leads to.
func (l Log) resolve() (Log, error) {
	path, err := filepath.EvalSymlinks(l.Path)
	switch {
	case err == nil:
		l.Path = path
	case !errors.Is(err, fs.ErrNotExist):
		return l, err
	}
	return l, nil
}

func (l Log) storage() storage {
	if l.stored != nil {
		return l.stored
	}
	return disk{}
}

// check returns an error for what is not a file, or cannot be read.
func (l Log) check() error {
	f, err := l.storage().open(l.Path)
	if err != nil {
		return err
	}
	return f.Close()
}
