//go:build !linux

package osfile

// Leases says whether [Lease] works on this system.
const Leases = false

// Lease returns [ErrNoLeases].
func Lease(Descriptor) error { return ErrNoLeases }

// Leased returns false.
func Leased(Descriptor) bool { return false }

// Unlease does nothing.
func Unlease(Descriptor) {}
