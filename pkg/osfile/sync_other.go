//go:build !linux

package osfile

import "errors"

// SyncsFilesystems says whether [SyncFilesystem] can be done here.
const SyncsFilesystems = false

// SyncFilesystem cannot be done here.
func SyncFilesystem(string) error { return errors.ErrUnsupported }
