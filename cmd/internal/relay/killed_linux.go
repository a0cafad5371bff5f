package relay

import "syscall"

// killedWithUs makes a program end when this process is killed, as it would if the signal
// were sent to it.
//
// More precisely, it does when the thread that started it ends, which therefore must not be
// before the program does.
func killedWithUs() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
