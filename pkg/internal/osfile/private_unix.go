//go:build unix

package osfile

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// private returns the error of CheckPrivate by the owner and mode of a directory.
func private(path string, st fs.FileInfo, others fs.FileMode) error {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok && sys.Uid != 0 && int(sys.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user, with id %d, who may change what is in it: run as that user, or put a copy of your own in its place", path, sys.Uid)
	}
	if mode := st.Mode().Perm(); mode&others != 0 {
		whose := "go"
		if others&0o020 == 0 {
			whose = "o"
		}
		return fmt.Errorf("%s has mode %#o, so others may change what is in it: take that away with chmod %s-w", path, mode, whose)
	}
	return nil
}
