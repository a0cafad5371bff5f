//go:build unix

package osfile

import (
	"cmp"
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// NoFollow is a flag for [OpenRegular] and [os.OpenFile] to fail if the last part of the
// path is a symbolic link. On Windows it does nothing.
const NoFollow = unix.O_NOFOLLOW

const nonblock = unix.O_NONBLOCK | unix.O_NOCTTY

// waitsForReader reports whether an open failed because a FIFO has no reader or the path
// is a socket.
func waitsForReader(err error) bool { return errors.Is(err, unix.ENXIO) }

// isLeased reports whether an open that does not wait failed because somebody has a lease on
// the file.
func isLeased(err error) bool { return errors.Is(err, unix.EWOULDBLOCK) }

// NumNames returns how many names a file has.
func NumNames(st fs.FileInfo) uint64 {
	if sys, ok := st.Sys().(*syscall.Stat_t); ok {
		return uint64(sys.Nlink)
	}
	return 1
}

// Resemble gives an open file the owner, group and permissions of another one as far as
// it may, and returns the first error. If it cannot set the group, it gives the group no
// permissions.
func Resemble(f Owned, like fs.FileInfo) (err error) {
	st, err := f.Stat()
	if err != nil {
		return err
	}
	have, _ := st.Sys().(*syscall.Stat_t)
	want, _ := like.Sys().(*syscall.Stat_t)
	mode := like.Mode().Perm()
	if have != nil && want != nil && (have.Uid != want.Uid || have.Gid != want.Gid) {
		err = f.Chown(int(want.Uid), int(want.Gid))
		if err != nil && have.Gid != want.Gid && f.Chown(-1, int(want.Gid)) != nil {
			mode &^= 0o070
		}
	}
	return cmp.Or(err, f.Chmod(mode))
}

// renameByLink is renameNew for systems and file systems without such a call. For a
// moment the file has both names.
func renameByLink(old, new string) error {
	if err := unix.Linkat(unix.AT_FDCWD, old, unix.AT_FDCWD, new, 0); err != nil {
		return err
	}
	return unix.Unlink(old)
}
