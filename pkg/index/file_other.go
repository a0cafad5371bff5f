//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package index

import (
	"errors"
	"os"
)

// supported says whether there is a change time here that users cannot set.
const supported = false

func stateOf(*os.File) (state, error) { return state{}, errors.ErrUnsupported }

func checkOwner(*os.File) error { return errors.ErrUnsupported }
