//go:build unix

package osfile

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private returns an error, which says what to do, unless nobody but the user and
// root may change what is in a directory.
func private(path string, st fs.FileInfo) error {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Uid != 0 && int(sys.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user, with id %d, who may change what is in it: run as that user, or put a copy of your own in its place", path, sys.Uid)
	}
	if mode := st.Mode().Perm(); mode&0o022 != 0 {
		return fmt.Errorf("%s has mode %#o, so others may change what is in it: take that away with chmod go-w", path, mode)
	}
	return nil
}
