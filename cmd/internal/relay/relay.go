// Package relay runs a program between the one that starts it and the program itself, so
// that neither notices: it passes on bytes in both directions, the end of either, and
// signals, and shows what passes to a [Watcher].
package relay

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

// A Relay is a program that runs.
type Relay struct {
	cmd     *exec.Cmd
	toIt    *os.File // the write end of its standard input
	fromIt  *os.File // the read end of its standard output
	signals Signals
}

// Start starts a program with its arguments, and with stderr as its standard error. It is
// looked up and run as execvp does. The error is a [*StartError]. [Relay.Run] must be called on
// the same goroutine.
func Start(args []string, stderr *os.File, signals Signals) (*Relay, error) {
	in, toIt, err := os.Pipe()
	if err != nil {
		return nil, &StartError{args[0], err}
	}
	defer in.Close()
	fromIt, out, err := os.Pipe()
	if err != nil {
		toIt.Close()
		return nil, &StartError{args[0], err}
	}
	defer out.Close()
	started := func(args ...string) (*exec.Cmd, error) {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, out, stderr
		cmd.SysProcAttr = killedWithUs()
		if errors.Is(cmd.Err, exec.ErrDot) {
			cmd.Err = nil // the current directory is in the user's path
		}
		return cmd, cmd.Start()
	}
	runtime.LockOSThread() // see killedWithUs
	cmd, err := started(args...)
	if errors.Is(err, syscall.ENOEXEC) { // a script that does not begin with #!
		cmd, err = started(append([]string{"/bin/sh", cmd.Path}, args[1:]...)...)
	}
	if err != nil {
		runtime.UnlockOSThread()
		toIt.Close()
		fromIt.Close()
		return nil, &StartError{args[0], err}
	}
	return &Relay{cmd, toIt, fromIt, signals}, nil
}

// A StartError is the error of a program that could not be started.
type StartError struct {
	Program string
	Err     error
}

func (e *StartError) Error() string {
	err := e.Err
	if looked := new(exec.Error); errors.As(err, &looked) {
		err = looked.Err
	}
	if path := new(os.PathError); errors.As(err, &path) {
		err = path.Err
	}
	if errors.Is(err, exec.ErrNotFound) {
		err = syscall.ENOENT
	}
	return e.Program + ": " + err.Error()
}

func (e *StartError) Unwrap() error { return e.Err }

// Status returns the exit status of commands that cannot start another one: 127 if there is
// no such program, else 126.
func (e *StartError) Status() int {
	if errors.Is(e.Err, exec.ErrNotFound) || errors.Is(e.Err, os.ErrNotExist) {
		return 127
	}
	return 126
}

// Run passes on bytes and signals until the program has ended and what it wrote was passed
// on. What is written by other processes that have its standard output as well is not
// waited for then. If in or out are descriptors of the process, they may be closed. A signal
// that comes after the program has ended ends Run, even if what it wrote is not read.
//
// The error is the first one of writing to out, unless its reader just left.
func (r *Relay) Run(in io.Reader, out io.Writer, w Watcher) (state *os.ProcessState, err error) {
	unheard := make(chan struct{}, 1)
	go r.signals.forward(r.cmd.Process, unheard)
	defer r.signals.stop()
	watching := watch(w)
	go r.passIn(in, watching.by(Caller))
	passed := make(chan error, 1)
	go func() { passed <- r.passOut(out, watching.by(Program)) }()
	r.cmd.Wait() // the error is that of the state
	runtime.UnlockOSThread()
	stopWaiting(r.fromIt)
	select {
	case err = <-passed:
	case <-unheard:
	}
	watching.stop()
	return r.cmd.ProcessState, err
}

// size is how much is read at once.
const size = 64 << 10

// passIn passes on what the caller writes, until it writes no more or the program reads no
// more.
func (r *Relay) passIn(in io.Reader, eye eye) {
	buf := make([]byte, size)
	for {
		n, err := readFrom(in, buf)
		if n > 0 && eye.while(buf[:n], r.toIt) != nil {
			release(in) // so that the caller notices
			break
		}
		if err != nil {
			break
		}
	}
	r.toIt.Close()
	eye.closed()
}

// passOut passes on what the program writes, until it writes no more or the caller reads no
// more. In the latter case the program gets the SIGPIPE that it would have got.
func (r *Relay) passOut(out io.Writer, eye eye) (err error) {
	buf := make([]byte, size)
	for {
		var n int
		if n, err = read(r.fromIt, buf); n == 0 || err != nil {
			err = nil
			break
		}
		if err = eye.while(buf[:n], out); err != nil {
			break
		}
	}
	r.fromIt.Close()
	release(out)
	eye.closed()
	if errors.Is(err, syscall.EPIPE) {
		err = nil
	}
	return err
}
