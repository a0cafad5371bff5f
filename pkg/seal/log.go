package seal

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// A Log is a JSONL log to seal or verify.
type Log struct {
	// Path is the file that lines are appended to. Its rotated files Path.1, Path.2
	// and so on, compressed or not, belong to the log if they have lines that were
	// sealed or came later. Compressed files are known only by the extension .gz or
	// .zst, whatever their content.
	Path string

	opening  func()  // for tests; may be nil
	renaming func()  // for tests; may be nil
	stored   storage // for tests; nil for that of the operating system
}

// resolve resolves symbolic links in the path: rotated files are beside the file that a
// link leads to.
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

// check returns an error if the log is not a file that can be read.
func (l Log) check() error {
	f, err := l.storage().open(l.Path)
	if err != nil {
		return err
	}
	return f.Close()
}
