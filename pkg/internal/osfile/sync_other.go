//go:build !linux

package osfile

import "errors"

// SyncsFilesystems says whether [SyncFilesystem] works on this system.
const SyncsFilesystems = false

// SyncFilesystem returns [errors.ErrUnsupported].
func SyncFilesystem(Descriptor) error { return errors.ErrUnsupported }
