//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package terminal

import (
	"os"

	"golang.org/x/sys/unix"
)

// ownScreen reports whether no other program draws on a terminal: neither the shell,
// while this process is in the background, nor a pager, which reads single keys.
func ownScreen(f *os.File) bool {
	if !inForeground(f) {
		return false
	}
	state, err := unix.IoctlGetTermios(int(f.Fd()), getTermios)
	return err == nil && state.Lflag&unix.ICANON != 0
}

// inForeground reports whether a terminal does not belong to other processes.
func inForeground(f *os.File) bool {
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
