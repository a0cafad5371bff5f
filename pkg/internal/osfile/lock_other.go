//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package osfile

// There are no locks here: users must see to it that one process at a time writes to a
// file.

// Lock does nothing.
func Lock(Descriptor) error { return nil }

// TryLock does nothing.
func TryLock(Descriptor) (bool, error) { return true, nil }

// TryLockShared does nothing.
func TryLockShared(Descriptor) (bool, error) { return true, nil }

// Unlock does nothing.
func Unlock(Descriptor) {}
