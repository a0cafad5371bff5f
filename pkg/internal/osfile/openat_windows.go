package osfile

import "os"

// openAt opens or creates a file in a directory.
func openAt(dir subdir, base, _ string, flag int) (*os.File, error) {
	return dir.root.OpenFile(base, flag, 0o600)
}

// openDirAt opens a directory in another one to read its entries.
func openDirAt(dir subdir, base, _ string) (*os.File, error) {
	return dir.root.Open(base + asDirectory)
}
