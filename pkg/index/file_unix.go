//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package index

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// supported says whether there is a change time here that users cannot set.
const supported = true

// stateOf returns the state of an open log.
func stateOf(f descriptor) (state, error) {
	st, err := stat(f)
	if err != nil {
		return state{}, err
	}
	return state{st.Size, uint64(st.Ino), time.Unix(st.Ctim.Unix())}, nil
}

// checkOwner returns an error unless a file belongs to the user or root and nobody else may
// write to it.
func checkOwner(f descriptor) error {
	st, err := stat(f)
	switch {
	case err != nil:
		return err
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return errForeign
	case st.Mode&0o022 != 0:
		return errWritable
	}
	return nil
}

func stat(f descriptor) (st unix.Stat_t, err error) {
	for {
		if err = unix.Fstat(int(f.Fd()), &st); err != unix.EINTR {
			return st, os.NewSyscallError("fstat", err)
		}
	}
}
