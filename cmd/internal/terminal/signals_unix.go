//go:build unix

package terminal

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// SendsSignals reports whether the terminal of this process sends signals to its group,
// such as SIGWINCH, and whether it does so when keys are typed, such as SIGINT.
func SendsSignals() (foreground, keys bool) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|syscall.O_NOCTTY, 0)
	if err != nil {
		return false, false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		return false, false
	}
	state, err := unix.IoctlGetTermios(int(tty.Fd()), getTermios)
	return true, err == nil && state.Lflag&unix.ISIG != 0
}
