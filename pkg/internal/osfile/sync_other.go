//go:build !linux

package osfile

import "errors"

// SyncsFilesystems says whether [SyncFilesystem] can be done here.
const SyncsFilesystems = false

// SyncFilesystem cannot be done here.
func SyncFilesystem(Descriptor) error { return errors.ErrUnsupported }
