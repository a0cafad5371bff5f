package bounded

import "auditctl/pkg/events"

// Emptied returns buf without its contents, for reuse, or nil if it is too large to be
// kept.
func Emptied(buf []byte) []byte {
	if Outgrown(buf) {
		return nil
	}
	return buf[:0]
}

// Outgrown reports whether buf is too large to be kept, because of a long line.
func Outgrown(buf []byte) bool { return cap(buf) > 4*events.BlockSize }
