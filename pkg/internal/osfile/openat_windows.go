package osfile

import "os"

// openAt opens or creates a file in a directory.
func openAt(dir subdir, base, _ string, flag int) (*os.File, error) {
	return dir.root.OpenFile(base, flag, 0o600)
}
