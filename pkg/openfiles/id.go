package openfiles

import "os"

// An ID tells a file from all others, as [os.SameFile] does, also after it was deleted
// and a new one has got its number.
type ID struct {
	info  os.FileInfo
	birth int64
}

// IDOf returns the ID of the file at a path.
func IDOf(path string) (ID, error) {
	st, err := os.Stat(path)
	if err != nil {
		return ID{}, err
	}
	return ID{st, birthAt(path, st)}, nil
}

// At reports whether a path leads to the file.
func (id ID) At(path string) bool {
	st, err := os.Stat(path)
	return err == nil && id.Is(path, st)
}

// Is reports whether st, which was got of the file at a path, is of the file.
func (id ID) Is(path string, st os.FileInfo) bool {
	if id.info == nil || !os.SameFile(st, id.info) {
		return false
	}
	if id.birth == 0 {
		return true
	}
	birth := birthAt(path, st)
	return birth == 0 || birth == id.birth
}
