//go:build !unix

package jetstream

// checkPrivate does nothing: here a directory has the permissions of that it is in.
func checkPrivate(string) error { return nil }
