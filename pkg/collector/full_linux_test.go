package collector_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/collector"
)

// On a full file system, the error says so, and the file has a prefix of the lines, each
// complete. Once there is space, it can be appended to.
func TestJSONLFullFileSystem(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			ballast := filepath.Join(dir, "ballast")
			if err := os.WriteFile(ballast, make([]byte, 250*4096), 0o600); err != nil {
				t.Fatal(err)
			}
			j := open(t, path, &collector.JSONLOptions{Sync: collector.SyncAlways})
			sent := ""
			var err error
			for n := 0; err == nil; n++ {
				lines := numbered(strings.Repeat("x", n*7919%5000), n) + "\n" + numbered("y", n) + "\n"
				sent += lines
				if err = j.EmitLines([]byte(lines)); err == nil {
					err = j.Flush()
				}
			}
			if !errors.Is(err, syscall.ENOSPC) || !errors.Is(j.Close(), syscall.ENOSPC) {
				t.Errorf("the error is %v", err)
			}
			kept := readDecompressed(t, path)
			if !strings.HasPrefix(sent, kept) || !strings.HasSuffix(kept, "\n") {
				t.Errorf("%d bytes are kept, which end with %.100q", len(kept), kept[max(0, len(kept)-100):])
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			again := open(t, path, nil)
			emitLines(t, again, "{}\n")
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
			if got := readDecompressed(t, path); got != kept+"{}\n" {
				t.Errorf("then %d bytes, want %d", len(got), len(kept)+3)
			}
			os.Remove(path)
		})
	}
}
