package collector

import (
	"auditctl/pkg/index"
	"auditctl/pkg/internal/osfile"
)

// An indexedDisk is a disk on which the indexes of files are renamed and removed with them.
type indexedDisk struct{ disk }

func (d indexedDisk) RenameNew(from, to string) error {
	return index.Rename(from, to, d.disk.RenameNew)
}

func (d indexedDisk) Remove(path string) error {
	err := d.disk.Remove(path)
	if err == nil {
		index.Remove(index.Name(path)) // else it is void
	}
	return err
}

// warn warns about the index.
func (f *file) warn(message string) {
	if f.opts.Logger != nil {
		f.opts.Logger.Warn(message)
	}
}

// beginIndex is called once the file is locked.
func (f *file) beginIndex() {
	if f.keeper != nil {
		f.keeper.Begin(f.h)
	}
}

// endIndex is called before the file is unlocked.
func (f *file) endIndex() {
	if f.keeper != nil && f.locked && f.appender == nil {
		f.keeper.End(f.h)
	}
}

// leaveIndex prepares the index for the file to be renamed.
func (f *file) leaveIndex() (err error) {
	if f.keeper == nil {
		return nil
	}
	f.endIndex()
	if f.opts.Sync != SyncNever {
		err = f.sync()
		f.syncIndex()
	}
	return err
}

// syncIndex is called after the file was synced, unless somebody else appends to it now.
func (f *file) syncIndex() {
	if f.keeper == nil || f.appender != nil || f.opts.Sync == SyncNever || f.syncErr != nil {
		return
	}
	if !f.locked {
		if locked, err := osfile.TryLock(f.h); err != nil || !locked {
			return
		}
		defer osfile.Unlock(f.h)
	}
	f.keeper.Synced(f.h)
}
