package osfile

import "os"

// OpenStream opens a FIFO, device or the like for writing; opening a FIFO waits for its
// reader. For a path such as /dev/stdout or /dev/fd/3, or a symbolic link to one, it
// duplicates that descriptor, which shares its offset and flags. Opening the path would
// give a regular file a new offset at its start, and overwrite it.
func OpenStream(path string) (*os.File, error) {
	if fd, ok := DescriptorOf(path); ok {
		return duplicate(fd, path)
	}
	return os.OpenFile(path, os.O_WRONLY, 0)
}
