//go:build unix

package input

import (
	"os"
	"syscall"
)

// hasSeveralNames reports whether there are hard links to a file.
func hasSeveralNames(st os.FileInfo) bool {
	sys, ok := st.Sys().(*syscall.Stat_t)
	return ok && sys.Nlink > 1
}
