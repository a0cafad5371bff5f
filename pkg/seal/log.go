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

// check returns an error for what is not a file.
func (l Log) check() error {
	st, err := os.Stat(l.Path)
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a file", l.Path)
	}
	return err
}
