//go:build unix

package seal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/seal"
)

// Anything in the place of a file of a sidecar is detected, and never waited for.
func TestIrregular(t *testing.T) {
	key := newKey(t, "example.com/audit")
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "secret")
	kinds := map[string]func(path string) error{
		"FIFO":            func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"directory":       func(path string) error { return os.Mkdir(path, 0o700) },
		"link":            func(path string) error { return os.Symlink(outside, path) },
		"link to nothing": func(path string) error { return os.Symlink(outside+".none", path) },
		"device":          func(path string) error { return os.Symlink("/dev/zero", path) },
		"socket": func(path string) error {
			fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
			if err != nil {
				return err
			}
			defer syscall.Close(fd)
			return syscall.Bind(fd, &syscall.SockaddrUnix{Name: path})
		},
	}
	whole := filesOf(t, sealedLog(t, key, 300))
	for _, name := range []string{"manifest", "checkpoint", "checkpoints", "tile/0/000", "tile/0/001.p/44", "tile/0/001.p", "tile/0", "tile"} {
		for kind, make := range kinds {
			l := newLog(t, numbered(0, 300))
			whole.put(t, l)
			path := filepath.Join(l.Path+".tlog", filepath.FromSlash(name))
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			if err := make(path); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			r, err := l.Verify(context.Background(), seal.VerifyOptions{Verifier: key.Verifier})
			if err != nil || r.Verdict != seal.Changed || !strings.Contains(r.Reason, name) {
				t.Errorf("verify with a %s in place of %s: %v, %s, %s", kind, name, err, r.Verdict, r.Reason)
			}
			appendTo(t, l.Path, "{}\n")
			_, err = l.Seal(context.Background(), key.Key, seal.Options{})
			if !errors.As(err, new(*seal.ChangedError)) {
				t.Errorf("seal with a %s in place of %s: %v", kind, name, err)
			}
		}
	}
	if read(t, outside) != "secret" || exists(outside+".none") {
		t.Error("a link was followed")
	}
	// A link to a file in the sidecar is followed, but reported.
	l := sealedLog(t, key, 3)
	move(t, l.Path+".tlog/tile/0/000.p/3", l.Path+".tlog/tile/0/000.p/2")
	if err := os.Symlink("2", l.Path+".tlog/tile/0/000.p/3"); err != nil {
		t.Fatal(err)
	}
	r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier})
	if want := []string{"tile/0/000.p/2", "tile/0/000.p/3"}; r.Verdict != seal.Intact || !slices.Equal(r.Strays, want) {
		t.Errorf("with a link in the sidecar: %s, %s, strays %q", r.Verdict, r.Reason, r.Strays)
	}
}

// Links with the names of tiles and of temporary files are not followed.
func TestFilesAreNew(t *testing.T) {
	key := newKey(t, "example.com/audit")
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "secret")
	l := sealedLog(t, key, 255)
	before := filesOf(t, l)
	appendTo(t, l.Path, numbered(255, 2))
	// Not even to a tile in the sidecar that is as it should be.
	mustSeal(t, l, key)
	after := filesOf(t, l)
	before.put(t, l)
	addTo(t, l, "tile/0/copy", after["tile/0/000"])
	links := map[string]string{"manifest.part": outside, "checkpoint.part": outside, "tile/0/000": "copy", "tile/0/000.part": outside, "tile/0/001.p/1": outside + ".none", "tile/0/001.p/1.part": outside}
	for name, to := range links {
		path := filepath.Join(l.Path+".tlog", filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
	}
	mustSeal(t, l, key)
	if read(t, outside) != "secret" || exists(outside+".none") {
		t.Error("a link was followed")
	}
	if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact || r.Lines != 257 || !slices.Equal(r.Strays, []string{"tile/0/copy"}) {
		t.Errorf("%+v", r)
	}
}

// A sidecar that others may change can be verified but is not written to.
func TestSidecarOfOthers(t *testing.T) {
	key := newKey(t, "example.com/audit")
	for _, c := range []struct {
		name string
		do   func(sidecar string) error
		want string
	}{
		{"owner", func(s string) error { return os.Chown(s, 12345, -1) }, "belongs to another user, with id 12345"},
		{"group", func(s string) error { return os.Chmod(s, 0o720) }, "has mode 0720, so others may change what is in it"},
		{"all", func(s string) error { return os.Chmod(s, 0o702) }, "has mode 0702, so others may change what is in it"},
	} {
		l := sealedLog(t, key, 3)
		before := filesOf(t, l)
		if err := c.do(l.Path + ".tlog"); errors.Is(err, os.ErrPermission) {
			t.Logf("%s: %v", c.name, err)
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		appendTo(t, l.Path, "{}\n")
		if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: seal: %v, want %q", c.name, err, c.want)
		}
		if after := filesOf(t, l); after["manifest"] != before["manifest"] || len(after) != len(before) {
			t.Errorf("%s: the sidecar was changed", c.name)
		}
		if r := verify(t, l, seal.VerifyOptions{Verifier: key.Verifier}); r.Verdict != seal.Intact {
			t.Errorf("%s: verify: %+v", c.name, r)
		}
	}

	l := sealedLog(t, key, 3)
	move(t, l.Path+".tlog", l.Path+".elsewhere")
	if err := os.Symlink(l.Path+".elsewhere", l.Path+".tlog"); err != nil {
		t.Fatal(err)
	}
	const want = "is not a directory: the seals of a log are kept in a directory, which must not be a symbolic link"
	if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("seal: %v", err)
	}
	if _, err := l.Verify(context.Background(), seal.VerifyOptions{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("verify: %v", err)
	}
}

// A file of a log that is replaced by a FIFO before it is opened is not waited for.
func TestLogBecomesFIFO(t *testing.T) {
	key := newKey(t, "example.com/audit")
	l := sealedLog(t, key, 3)
	swapped := seal.WithOpening(l, func() {
		if err := errors.Join(os.Remove(l.Path), syscall.Mkfifo(l.Path, 0o600)); err != nil {
			t.Error(err)
		}
	})
	if _, err := swapped.Verify(context.Background(), seal.VerifyOptions{}); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("verify: %v", err)
	}
	if _, err := l.Seal(context.Background(), key.Key, seal.Options{}); err == nil || !strings.Contains(err.Error(), "is not a file") {
		t.Errorf("seal: %v", err)
	}
}
