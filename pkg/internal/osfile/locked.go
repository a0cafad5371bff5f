package osfile

import (
	"io"
	"io/fs"
	"os"
)

// OpenLocked locks the file that a path leads to, which open opens, with [Lock]. Where
// the path leads to another file by the time that it has the lock, it opens that.
func OpenLocked[F interface {
	Descriptor
	io.Closer
	Stat() (fs.FileInfo, error)
}](path string, open func() (F, error)) (F, error) {
	var none F
	for {
		f, err := open()
		if err != nil {
			return none, err
		}
		if err := Lock(f); err != nil {
			f.Close()
			return none, err
		}
		if LeadsTo(path, f) {
			return f, nil
		}
		f.Close()
	}
}

// LeadsTo reports whether a path leads to a file that is open.
func LeadsTo(path string, f interface{ Stat() (fs.FileInfo, error) }) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(path)
	return err == nil && os.SameFile(have, now)
}
