//go:build unix

package osfile_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"auditctl/pkg/internal/osfile"
)

func TestDescriptorOf(t *testing.T) {
	dir := t.TempDir()
	link, second, self := filepath.Join(dir, "link"), filepath.Join(dir, "second"), filepath.Join(dir, "self")
	if err := errors.Join(os.Symlink("/dev/fd/7", link), os.Symlink("link", second), os.Symlink("self", self)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{
		"/dev/stdin": 0, "/dev/stdout": 1, "/dev/../dev/stderr": 2, "/dev/fd/7": 7, link: 7, second: 7,
		"/dev/null": -1, "/dev/fd": -1, "/dev/fd/x": -1, "/dev/fd/-1": -1, self: -1, filepath.Join(dir, "7"): -1, "none/7": -1, "7": -1,
	} {
		if fd, ok := osfile.DescriptorOf(path); ok != (want >= 0) || ok && fd != want {
			t.Errorf("%s: %d, %t: want %d", path, fd, ok, want)
		}
	}
}

// Opening /dev/fd/3 continues at the offset of that descriptor, and closing the result
// leaves it open.
func TestOpenStream(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprint(f, "1")
	path := fmt.Sprintf("/dev/fd/%d", f.Fd())
	w, err := osfile.OpenStream(path)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "2")
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	fmt.Fprint(f, "3")
	if got, err := os.ReadFile(f.Name()); err != nil || string(got) != "123" {
		t.Errorf("the file holds %q, %v", got, err)
	}
	f.Close()
	if _, err := osfile.OpenStream(path); !errors.Is(err, syscall.EBADF) {
		t.Errorf("open a closed descriptor: %v", err)
	}
}
