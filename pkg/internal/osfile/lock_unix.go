//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package osfile

import "golang.org/x/sys/unix"

// Lock takes an exclusive advisory lock on a file or directory, waiting until others
// have released theirs. It is held until Unlock or until the file is closed. On file
// systems without locks it does nothing.
func Lock(f Descriptor) error { return lock(f, unix.LOCK_EX) }

// TryLock is Lock without waiting: it reports whether it got the lock.
func TryLock(f Descriptor) (locked bool, err error) { return try(f, unix.LOCK_EX) }

// TryLockShared is TryLock for a shared lock, which others may share.
func TryLockShared(f Descriptor) (locked bool, err error) { return try(f, unix.LOCK_SH) }

func try(f Descriptor, how int) (locked bool, err error) {
	err = lock(f, how|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

// Unlock releases the lock.
func Unlock(f Descriptor) { flock(f, unix.LOCK_UN) }

func lock(f Descriptor, how int) error {
	err := flock(f, how)
	switch err {
	case unix.ENOSYS, unix.ENOLCK, unix.EOPNOTSUPP:
		return nil
	}
	return err
}

func flock(f Descriptor, how int) error {
	for {
		if err := unix.Flock(int(f.Fd()), how); err != unix.EINTR {
			return err
		}
	}
}
