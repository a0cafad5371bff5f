package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncFilesystem syncs everything in the file system that a path is in, which is
// faster than to sync many files. It reports whether that can be done here; if not,
// nothing was.
func SyncFilesystem(path string) (done bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	err = unix.Syncfs(int(f.Fd()))
	if err == unix.ENOSYS {
		return false, nil
	}
	return true, os.NewSyscallError("syncfs", err)
}
