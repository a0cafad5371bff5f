package osfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"auditctl/pkg/osfile"
)

// Who holds a shared lock lets others share it; who holds the other one does not.
func TestLock(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no locks here")
	}
	dir := t.TempDir()
	open := func() *os.File {
		f, err := os.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	first, second, third := open(), open(), open()
	for _, f := range []*os.File{first, second} {
		if err := osfile.LockShared(f); err != nil {
			t.Fatal(err)
		}
	}
	locked := make(chan error)
	go func() { locked <- osfile.Lock(third) }()
	osfile.Unlock(first)
	select {
	case err := <-locked:
		t.Fatalf("locked while another had a shared lock: %v", err)
	default:
	}
	osfile.Unlock(second)
	if err := <-locked; err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		f    *os.File
		want bool
	}{{first, false}, {third, true}} {
		if got, err := osfile.TryLock(test.f); err != nil || got != test.want {
			t.Errorf("TryLock: %v, %v, want %v", got, err, test.want)
		}
	}
}

func TestSync(t *testing.T) {
	dir := t.TempDir()
	if err := osfile.SyncDir(dir); err != nil {
		t.Error(err)
	}
	if err := osfile.SyncFilesystem(dir); (err == nil) != osfile.SyncsFilesystems {
		t.Errorf("SyncFilesystem: %v", err)
	}
	if err := osfile.SyncDir(filepath.Join(dir, "none")); err == nil {
		t.Error("a directory that is not there was synced")
	}
}
