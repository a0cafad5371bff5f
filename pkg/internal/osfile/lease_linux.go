package osfile

import "golang.org/x/sys/unix"

// Leases says whether [Lease] works on this system.
const Leases = true

// Lease takes a write lease on a regular file, which is granted only if nobody else has it
// open. The error is [ErrOpen] if somebody has, [ErrNoLeases] if the file system does not
// know, and [ErrNotOwner] if the file belongs to another user. Who then opens the file waits
// until it is released, by Unlease or by closing the file, but not longer than the system
// lets them wait, 45 seconds by default.
func Lease(f Descriptor) error {
	switch err := lease(f, unix.F_WRLCK); err {
	case unix.EAGAIN:
		return ErrOpen
	case unix.EACCES, unix.EPERM:
		return ErrNotOwner
	case unix.EINVAL, unix.ENOLCK, unix.EOPNOTSUPP, unix.ENOSYS:
		return ErrNoLeases
	default:
		return err
	}
}

// Leased reports whether the lease is held and nobody waits for its release.
func Leased(f Descriptor) bool {
	held, err := unix.FcntlInt(f.Fd(), unix.F_GETLEASE, 0)
	return err == nil && held == unix.F_WRLCK
}

// Unlease releases the lease.
func Unlease(f Descriptor) { lease(f, unix.F_UNLCK) }

func lease(f Descriptor, how int) error {
	for {
		if _, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, how); err != unix.EINTR {
			return err
		}
	}
}
