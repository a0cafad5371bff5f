package input

import (
	"io"
	"os"

	"auditctl/pkg/openfiles"
)

// A file is an [os.File] or an [openfiles.File].
type file interface {
	io.ReadSeekCloser
	io.ReaderAt
	Stat() (os.FileInfo, error)
}

// open opens a file by its path.
func (o *Options) open(path string) (file, error) {
	if o.files == nil {
		return os.Open(path)
	}
	return o.files.Open(path, 0)
}

// again opens a file again that was opened by its path. It returns nil if another one is
// there.
func again(f file, path string) file {
	if f, ok := f.(*openfiles.File); ok {
		return f.Again()
	}
	if other := reopened(f, path); other != nil {
		return other
	}
	return nil
}

// reopened opens the file at a path, if that is one that was opened already; else it returns
// nil.
func reopened(f file, path string) *os.File {
	other, err := os.Open(path)
	if err != nil {
		return nil
	}
	have, err := other.Stat()
	want, otherErr := f.Stat()
	if err != nil || otherErr != nil || !os.SameFile(have, want) {
		other.Close()
		return nil
	}
	return other
}
