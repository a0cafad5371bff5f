package osfile

import "os"

// OpenStream opens what is not a regular file to write to it; opening a FIFO waits
// for its reader. A path such as /dev/stdout or /dev/fd/3, or a symbolic link to
// one, gives another handle of that very descriptor, whatever it is of: with its
// offset and its flags, where opening the path would give a regular file an offset
// of its own, from which it is written over.
func OpenStream(path string) (*os.File, error) {
	if fd, ok := DescriptorOf(path); ok {
		return duplicate(fd, path)
	}
	return os.OpenFile(path, os.O_WRONLY, 0)
}
