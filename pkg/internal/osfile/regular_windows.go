package osfile

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// NoFollow does nothing here.
const NoFollow = 0

const nonblock = 0

func waitsForReader(error) bool { return false }

func isLeased(error) bool { return false }

// NumNames returns 1.
func NumNames(fs.FileInfo) uint64 { return 1 }

// Resemble does nothing: here a file has the permissions of its directory.
func Resemble(Owned, fs.FileInfo) error { return nil }

func renameNew(old, new string) error {
	from, err := windows.UTF16PtrFromString(old)
	if err != nil {
		return err
	}
	to, err := windows.UTF16PtrFromString(new)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(from, to, 0)
}
