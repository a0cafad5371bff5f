//go:build !unix

package collector

import (
	"io/fs"
	"os"
)

// resemble gives a file the mode of another one.
func resemble(path string, st fs.FileInfo) error { return os.Chmod(path, st.Mode().Perm()) }
