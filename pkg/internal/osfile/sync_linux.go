package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// SyncsFilesystems says whether [SyncFilesystem] works on this system.
const SyncsFilesystems = true

// SyncFilesystem syncs the whole file system that a file or directory is in, which is
// faster than syncing many files.
func SyncFilesystem(f Descriptor) error {
	return os.NewSyscallError("syncfs", unix.Syncfs(int(f.Fd())))
}
