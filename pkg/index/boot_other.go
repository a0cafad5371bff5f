//go:build !linux

package index

// A bootID is the same until the machine is started again. The zero bootID is that of none.
type bootID [16]byte

// thisBoot returns the id of none: it is not known here when the machine was started.
func thisBoot() bootID { return bootID{} }
