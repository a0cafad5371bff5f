package seal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A Log is a JSONL log that is sealed, or is to be.
type Log struct {
	// Path is the file that lines are appended to. What was moved away from it,
	// to Path.1, Path.2 and so on, compressed or not, belongs to the log if it
	// holds what was sealed, or what came after that.
	Path string

	// Unpack reads what is compressed: files whose name ends in .gz or .zst. Others
	// never are taken to be, whatever the first line looks like. If it is nil none
	// are.
	Unpack func(io.Reader) io.ReadCloser

	opening func() // for tests; may be nil
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

// check returns an error for what is not a file, or cannot be read.
func (l Log) check() error {
	st, err := os.Stat(l.Path)
	if err != nil {
		return err
	}
	if !st.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", l.Path)
	}
	f, err := os.Open(l.Path)
	if err != nil {
		return err
	}
	return f.Close()
}
