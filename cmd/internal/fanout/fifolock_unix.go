//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package fanout

import "syscall"

func tryLock(fd uintptr) bool {
	return syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) != syscall.EWOULDBLOCK
}

func unlock(fd uintptr) { syscall.Flock(int(fd), syscall.LOCK_UN) }
