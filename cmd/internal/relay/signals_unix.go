//go:build unix

package relay

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"auditctl/cmd/internal/terminal"
)

// forwarded are the signals that the program gets as well. SIGTSTP and SIGCONT are not among
// them: while we are stopped, nothing passes in any case.
var forwarded = [...]os.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGWINCH,
}

// Signals are those that this process gets.
type Signals struct{ caught chan os.Signal }

// CatchSignals catches signals from now on. They are forwarded to a program that is started
// with them, also those that came before.
func CatchSignals() Signals {
	s := Signals{make(chan os.Signal, 16)}
	for _, sig := range forwarded {
		if !signal.Ignored(sig) { // as it is by the program then
			signal.Notify(s.caught, sig)
		}
	}
	return s
}

// forward forwards signals to a process. One that comes once that has ended is for us:
// unheard is told.
func (s Signals) forward(to *os.Process, unheard chan<- struct{}) {
	for sig := range s.caught {
		switch {
		case !errors.Is(to.Signal(syscall.Signal(0)), os.ErrProcessDone):
			if !fromTerminal(sig) {
				to.Signal(sig)
			}
		case sig != syscall.SIGWINCH && len(unheard) == 0:
			unheard <- struct{}{}
		}
	}
}

func (s Signals) stop() {
	signal.Stop(s.caught)
	close(s.caught)
}

// fromTerminal reports whether a signal is probably from the terminal, which sends it to
// all processes of a group, and so to the program too: if the group is in the foreground
// and the terminal's keys send signals.
func fromTerminal(sig os.Signal) bool {
	if sig != syscall.SIGINT && sig != syscall.SIGQUIT && sig != syscall.SIGWINCH {
		return false
	}
	foreground, keys := terminal.SendsSignals()
	return foreground && (keys || sig == syscall.SIGWINCH)
}
