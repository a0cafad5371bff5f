package collector_test

import (
	"os"
	"path/filepath"
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
