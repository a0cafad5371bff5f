package osfile

import "golang.org/x/sys/unix"

func renameNew(old, new string) error {
	err := unix.RenamexNp(old, new, unix.RENAME_EXCL)
	if err == unix.ENOTSUP {
		err = renameByLink(old, new)
	}
	return err
}
