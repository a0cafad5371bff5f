package cmd

import (
	"fmt"
	"syscall"
)

// Exit statuses other than 0. If several apply, an error comes before invalid lines,
// and these before a no.
const (
	statusNo      exitStatus = 1 // the answer is no
	statusError   exitStatus = 2 // wrong usage, an input or destination failed
	statusInvalid exitStatus = 3 // done, but some lines were invalid
)

// An exitStatus is an error that was reported already.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// An interruption is the cause of a context that a signal ended.
type interruption struct{ sig syscall.Signal }

func (i interruption) Error() string { return i.sig.String() }

func (i interruption) status() int { return 128 + int(i.sig) }
