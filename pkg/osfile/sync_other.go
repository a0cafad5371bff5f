//go:build !linux

package osfile

// SyncFilesystem cannot be done here.
func SyncFilesystem(string) (done bool, err error) { return false, nil }
