//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package collector

import "golang.org/x/sys/unix"

// lock waits for the lock of the file that h has open. Where the file system has
// no locks it does nothing.
func lock(h handle) error {
	err := flock(h, unix.LOCK_EX)
	switch err {
	case unix.ENOSYS, unix.ENOLCK, unix.EOPNOTSUPP:
		return nil
	}
	return err
}

func unlock(h handle) { flock(h, unix.LOCK_UN) }

func flock(h handle, how int) error {
	for {
		if err := unix.Flock(int(h.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}
