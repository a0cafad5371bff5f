//go:build unix

package collector

import (
	"io/fs"
	"os"
	"syscall"
)

// resemble gives a file the mode and the owner of another one.
func resemble(path string, st fs.FileInfo) error {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		if err := os.Chown(path, int(sys.Uid), int(sys.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(path, st.Mode().Perm())
}
