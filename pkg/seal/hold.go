package seal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"auditctl/pkg/internal/osfile"
)

// A hold keeps others from writing to a log.
type hold struct {
	names   []string                   // of the files in the directory of the log
	log     interface{ Close() error } // locked; nil if there is none or it is one of the files
	locked  osfile.Descriptor
	leased  []osfile.Descriptor
	offline bool
}

// holdWithin takes the lock that writers take, so that nobody writes to the log or rotates
// it, and leases on the files, so that nobody else has them open. It waits for others.
func (e *erasing) holdWithin(ctx context.Context, wait time.Duration, files []*erasingFile) (*hold, error) {
	for begun := time.Now(); ; {
		h, err := e.hold(files)
		if err == nil {
			return h, nil
		}
		h.release()
		if !errors.Is(err, ErrOpen) || time.Since(begun) > wait {
			return nil, err
		}
		if err := pause(ctx); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(pollLock):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (e *erasing) hold(files []*erasingFile) (h *hold, err error) {
	h = &hold{offline: e.options.Offline}
	if err := e.lockLog(h, files); err != nil {
		return h, err
	}
	// While it is locked, nobody rotates it.
	all, err := e.log.files()
	if err != nil {
		return h, err
	}
	for _, f := range files {
		if f.replaced() {
			h.names = append(h.names, "")
			continue
		}
		i := slices.IndexFunc(all, func(other found) bool { return os.SameFile(other.info, f.found.info) })
		if i < 0 {
			return h, errMoved
		}
		h.names = append(h.names, all[i].base())
		if h.offline {
			continue
		}
		raw := f.src.raw.(osfile.Descriptor)
		if err := osfile.Lease(raw); err != nil {
			return h, &fs.PathError{Op: "erase", Path: all[i].path, Err: err}
		}
		h.leased = append(h.leased, raw)
	}
	return h, nil
}

// lockLog locks the file that lines are appended to.
func (e *erasing) lockLog(h *hold, files []*erasingFile) error {
	st, err := os.Stat(e.log.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // just rotated
	}
	if err != nil {
		return err
	}
	var log osfile.File
	if i := slices.IndexFunc(files, func(f *erasingFile) bool { return os.SameFile(f.found.info, st) }); i >= 0 {
		log = files[i].src.raw
	} else {
		if log, err = e.log.storage().open(e.log.Path); err != nil {
			return err
		}
		h.log = log
	}
	locked, err := osfile.TryLock(log.(osfile.Descriptor))
	switch {
	case err != nil:
		return &fs.PathError{Op: "lock", Path: e.log.Path, Err: err}
	case !locked:
		return &fs.PathError{Op: "lock", Path: e.log.Path, Err: ErrOpen}
	}
	h.locked = log.(osfile.Descriptor)
	if !osfile.LeadsTo(e.log.Path, log) {
		return errMoved
	}
	return nil
}

// check returns an error if another process is about to open one of the files.
func (h *hold) check() error {
	for _, f := range h.leased {
		if !osfile.Leased(f) {
			return ErrOpen
		}
	}
	return nil
}

// rescue releases the hold of files that were replaced. If somebody was about to open one of
// them when it was, it waits until they have closed it, and appends what they wrote to the
// new file.
func (h *hold) rescue(ctx context.Context, files []*erasingFile) (err error) {
	late := make([]bool, len(files))
	for i, f := range files {
		late[i] = !h.offline && f.src.decompressor == nil && !osfile.Leased(f.src.raw.(osfile.Descriptor))
	}
	h.release()
	for i, f := range files {
		if late[i] && h.names[i] != "" {
			err = cmp.Or(err, f.rescue(ctx, filepath.Join(filepath.Dir(f.found.path), h.names[i])))
		}
	}
	return err
}

// rescue appends what was written to the old file since it was replaced to the new one.
func (f *erasingFile) rescue(ctx context.Context, path string) error {
	for begun := time.Now(); ; {
		err := osfile.Lease(f.src.raw.(osfile.Descriptor))
		if err == nil {
			break
		}
		if err != ErrOpen || time.Since(begun) > waitToEnd || pause(ctx) != nil {
			return fmt.Errorf("%s: another process has opened it just before it was replaced: restart that, or what it writes is lost", path)
		}
	}
	st, err := f.src.raw.Stat()
	if err != nil || st.Size() <= f.end {
		return err
	}
	now, err := osfile.OpenLocked(path, func() (*os.File, error) { return osfile.OpenRegular(path, os.O_WRONLY|os.O_APPEND, 0) })
	if err != nil {
		return err
	}
	_, err = io.Copy(now, io.NewSectionReader(f.src.raw, f.end, st.Size()-f.end))
	return cmp.Or(err, now.Sync(), now.Close())
}

func (h *hold) release() {
	for _, f := range h.leased {
		osfile.Unlease(f)
	}
	if h.locked != nil {
		osfile.Unlock(h.locked)
	}
	if h.log != nil {
		h.log.Close()
	}
}
