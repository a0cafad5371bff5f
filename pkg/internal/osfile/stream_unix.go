//go:build unix

package osfile

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

const maxLinks = 40

// DescriptorOf returns the descriptor of this process that a path such as /dev/stdout or
// /dev/fd/3 names, whether or not it is open.
func DescriptorOf(path string) (fd int, ok bool) {
	path, err := filepath.Abs(path)
	if err != nil {
		return 0, false
	}
	for range maxLinks {
		dir, err := filepath.EvalSymlinks(filepath.Dir(path))
		if err != nil {
			return 0, false
		}
		name := filepath.Base(path)
		if n, err := strconv.Atoi(name); err == nil && n >= 0 && holdsDescriptors(dir) {
			return n, true
		}
		target, err := os.Readlink(filepath.Join(dir, name))
		if err != nil {
			return 0, false
		}
		if path = target; !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
	}
	return 0, false
}

// holdsDescriptors reports whether a directory lists the descriptors of this process.
func holdsDescriptors(dir string) bool {
	for _, known := range []string{"/dev/fd", "/proc/self/fd", "/proc/thread-self/fd"} {
		if known, err := filepath.EvalSymlinks(known); err == nil && known == dir {
			return true
		}
	}
	return false
}

func duplicate(fd int, path string) (*os.File, error) {
	dup, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(dup), path), nil
}
