package index_test

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"auditctl/pkg/index"
)

// An index is used only if it is the reader's or root's.
func TestOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	const nobody, other = 65534, 65533
	for _, test := range []struct {
		name          string
		owner, reader int
		void          bool
	}{
		{"root's, read by root", 0, 0, false},
		{"root's, read by another user", 0, other, false},
		{"the reader's", other, other, false},
		{"another user's, read by root", nobody, 0, true},
		{"another user's, read by a third", nobody, other, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := write(t, lines(30, 3))
			mustMake(t, path)
			if err := os.Chown(index.Name(path), test.owner, 0); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(index.Name(path), 0o644); err != nil {
				t.Fatal(err)
			}
			log := openLog(t, path)
			var err error
			as(t, test.reader, []string{path}, func() {
				var ix *index.Index
				if ix, err = index.Open(log, index.Name(path)); err == nil {
					ix.Close()
				}
			})
			if test.void && !voids(err, path, "it belongs to another user") || !test.void && err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}

// A Keeper vouches for no log that another user may write to, as its owner may.
func TestKeeperForeignLog(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	path := t.TempDir() + "/audit.jsonl"
	k := keep(t, path)
	if err := os.Chown(path, 65534, 0); err != nil {
		t.Fatal(err)
	}
	k.append(lines(10, 3))
	if ix := mustOpen(t, path); !ix.Grown() || len(k.said) != 1 {
		t.Errorf("grown: %t, said %q", ix.Grown(), k.said)
	}
}

// as calls do as another user, on a thread of its own.
func as(t *testing.T, uid int, paths []string, do func()) {
	for _, path := range paths { // others must get there
		for dir := filepath.Dir(path); len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // the thread ends with the goroutine
		const unchanged = ^uintptr(0)
		if _, _, err := syscall.RawSyscall(syscall.SYS_SETRESUID, unchanged, uintptr(uid), unchanged); err != 0 {
			t.Error(err)
			return
		}
		do()
	}()
	<-done
}
