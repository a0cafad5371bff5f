//go:build unix

package osfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// openAt opens or creates a file in a directory as [os.Root.OpenFile] does, but follows no
// symbolic link, not even to a file in it, and makes fewer system calls. path is the file's,
// for messages.
func openAt(dir subdir, base, path string, flag int) (*os.File, error) {
	for {
		fd, err := unix.Openat(int(dir.self.Fd()), base, flag|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), path), nil
		case unix.EINTR:
		default:
			return nil, err
		}
	}
}

// openDirAt opens a directory in another one to read its entries: of one that is opened by
// an [os.Root], package os examines each.
func openDirAt(dir subdir, base, path string) (*os.File, error) {
	return openAt(dir, base, path, unix.O_DIRECTORY)
}
