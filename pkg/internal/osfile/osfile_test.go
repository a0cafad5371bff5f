package osfile_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"auditctl/pkg/internal/osfile"
)

// Shared locks can be held together, an exclusive one cannot.
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
		if locked, err := osfile.TryLockShared(f); !locked || err != nil {
			t.Fatalf("not shared: %v, %v", locked, err)
		}
	}
	for _, f := range []*os.File{first, second} {
		if locked, err := osfile.TryLock(third); locked || err != nil {
			t.Errorf("locked while another had a shared lock: %v, %v", locked, err)
		}
		osfile.Unlock(f)
	}
	if err := osfile.Lock(third); err != nil {
		t.Fatal(err)
	}
	if locked, err := osfile.TryLockShared(first); locked || err != nil {
		t.Errorf("shared while another had a lock: %v, %v", locked, err)
	}
}

func TestSync(t *testing.T) {
	dir := t.TempDir()
	if err := osfile.SyncDir(dir); err != nil {
		t.Error(err)
	}
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := osfile.SyncFilesystem(f); (err == nil) != osfile.SyncsFilesystems {
		t.Errorf("SyncFilesystem: %v", err)
	}
	if err := osfile.SyncDir(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing directory was synced")
	}
}
