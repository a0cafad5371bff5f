package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncsFilesystems says whether [SyncFilesystem] can be done here.
const SyncsFilesystems = true

// SyncFilesystem syncs everything in the file system that a path is in, which is
// faster than to sync many files.
func SyncFilesystem(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
}
