//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package osfile

import "golang.org/x/sys/unix"

// Lock waits until no other process has a lock of the file or directory, and keeps
// others out until Unlock or until it is closed. Where the file system has no
// locks it does nothing.
func Lock(f Descriptor) error { return lock(f, unix.LOCK_EX) }

// TryLock is as Lock, but does not wait: it reports whether it has the lock.
func TryLock(f Descriptor) (locked bool, err error) { return try(f, unix.LOCK_EX) }

// TryLockShared is as TryLock, but lets others in that take a shared lock.
func TryLockShared(f Descriptor) (locked bool, err error) { return try(f, unix.LOCK_SH) }

func try(f Descriptor, how int) (locked bool, err error) {
	err = lock(f, how|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}

// Unlock gives the lock up.
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
