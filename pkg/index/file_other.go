//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package index

import "errors"

// supported says whether there is a change time here that users cannot set.
const supported = false

func stateOf(descriptor) (state, error) { return state{}, errors.ErrUnsupported }

func checkOwner(descriptor) error { return errors.ErrUnsupported }
