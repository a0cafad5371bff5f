package collector_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"auditctl/pkg/collector"
)

// A countingFile counts its syncs.
type countingFile struct {
	*os.File
	syncs *int
}

func (f *countingFile) Sync() error {
	*f.syncs++
	return f.File.Sync()
}

func TestJSONLSync(t *testing.T) {
	for _, test := range []struct {
		sync                     collector.Sync
		size                     int64 // at which the file is rotated
		flushed, closed, nothing int   // syncs after three flushes, after Close, and of a run without events
	}{
		{collector.SyncNever, 0, 0, 0, 0},
		{collector.SyncOnClose, 0, 0, 1, 0},
		{collector.SyncAlways, 0, 3, 3, 0},
		{collector.SyncOnClose, 50, 2, 3, 0},
		{collector.SyncNever, 50, 0, 0, 0},
	} {
		for _, lines := range []bool{true, false} {
			syncs := 0
			opts := collector.JSONLOptions{Sync: test.sync, Rotate: collector.Rotation{Size: test.size}}
			j, err := collector.OpenJSONL(filepath.Join(t.TempDir(), "a"), collector.WithOpen(opts, func(path string, flag int) (collector.Handle, error) {
				f, err := os.OpenFile(path, flag, 0o600)
				return &countingFile{f, &syncs}, err
			}))
			if err != nil {
				t.Fatal(err)
			}
			flushed, closed := test.nothing, test.nothing
			if lines {
				flushed, closed = test.flushed, test.closed
			}
			for range 3 {
				if lines {
					emitLines(t, j, sized(40)+"\n")
				}
				flush(t, j)
			}
			if syncs != flushed {
				t.Errorf("%+v, lines %t: %d syncs before Close, want %d", opts, lines, syncs, flushed)
			}
			if err := j.Close(); err != nil || syncs != closed {
				t.Errorf("%+v, lines %t: %d syncs in all, want %d; %v", opts, lines, syncs, closed, err)
			}
		}
	}
}

// Sync syncs what was written, whatever the options say, and fails again if a sync failed.
func TestJSONLSyncNow(t *testing.T) {
	disk := newCrashDisk(t)
	j, err := collector.OpenJSONL(filepath.Join(t.TempDir(), "a"), collector.WithDisk(collector.JSONLOptions{}, disk))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, sized(40)+"\n")
	if err := j.Sync(); err != nil {
		t.Fatal(err)
	}
	if last := disk.changes[len(disk.changes)-1]; !last.syncsFile {
		t.Error("the last change is not a sync")
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}

	left := 1
	j, err = collector.OpenJSONL(filepath.Join(t.TempDir(), "a"), collector.WithOpen(collector.JSONLOptions{Sync: collector.SyncAlways}, func(path string, flag int) (collector.Handle, error) {
		f, err := os.OpenFile(path, flag, 0o600)
		return &faultyFile{f, fault{"sync", 0, syscall.EIO}, &left}, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, sized(40)+"\n")
	for range 2 {
		if err := errors.Join(j.Flush(), j.Sync()); !errors.Is(err, syscall.EIO) {
			t.Errorf("a sync failed, but now: %v", err)
		}
		if err := j.Sync(); !errors.Is(err, syscall.EIO) {
			t.Errorf("a sync failed, but now: %v", err)
		}
	}
	j.Close()
}
