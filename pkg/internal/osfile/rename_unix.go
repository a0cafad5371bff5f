//go:build unix && !linux && !darwin

package osfile

func renameNew(old, new string) error { return renameByLink(old, new) }
