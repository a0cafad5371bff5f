package bounded

import "auditctl/pkg/events"

// Emptied returns a buffer for what comes next: buf without what is in it, or nil if it
// has outgrown what is kept.
func Emptied(buf []byte) []byte {
	if Outgrown(buf) {
		return nil
	}
	return buf[:0]
}

// Outgrown reports whether a long line made buf larger than what is kept.
func Outgrown(buf []byte) bool { return cap(buf) > 4*events.BlockSize }
