//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// ownScreen reports whether no other program draws on a terminal: neither the shell,
// while this process is in the background, nor a pager, which reads single keys.
func ownScreen(f *os.File) bool {
	fd := int(f.Fd())
	if group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err == nil && group != unix.Getpgrp() {
		return false
	}
	state, err := unix.IoctlGetTermios(fd, getTermios)
	return err == nil && state.Lflag&unix.ICANON != 0
}
