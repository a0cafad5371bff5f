package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncsFilesystems says whether [SyncFilesystem] can be done here.
const SyncsFilesystems = true

// SyncFilesystem syncs everything in the file system that a file or directory is in,
// which is faster than to sync many files.
func SyncFilesystem(f Descriptor) error {
	return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
}
