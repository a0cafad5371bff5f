package osfile

import (
	"errors"
	"os"
	"time"
)

// Errors of [Lease].
var (
	ErrOpen     = errors.New("another process has it open")
	ErrNoLeases = errors.New("whether another process has it open cannot be known here")
	ErrNotOwner = errors.New("only its owner and root can know whether another process has it open")
)

// leaseTime is how long to wait for the release of a lease: longer than Linux lets others
// hold it.
const leaseTime = time.Minute

// AwaitLease calls open, which must not wait, until nobody has a lease on the file. By then
// another file may be at its path.
func AwaitLease(open func() (*os.File, error)) (f *os.File, err error) {
	for begun := time.Now(); ; {
		f, err = open()
		if !isLeased(err) || time.Since(begun) > leaseTime {
			return f, err
		}
		time.Sleep(time.Millisecond)
	}
}
