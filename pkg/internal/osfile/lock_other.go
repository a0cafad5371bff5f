//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package osfile

// There are no locks here: one process at a time may write to a file.

// Lock does nothing.
func Lock(Descriptor) error { return nil }

// TryLock does nothing.
func TryLock(Descriptor) (bool, error) { return true, nil }

// TryLockShared does nothing.
func TryLockShared(Descriptor) (bool, error) { return true, nil }

// Unlock does nothing.
func Unlock(Descriptor) {}
