//go:build unix

package collector_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/osfile"
)

// Links and FIFOs that others create under names that JSONL uses are neither followed,
// written to, read, nor waited for.
func TestHostileNames(t *testing.T) {
	const secret = "secret\n"
	for _, test := range []struct {
		name string
		make func(name, secret string) error
		want error // of Close
	}{
		{".compressing", link, syscall.ELOOP},
		{".compressing", fifo, osfile.ErrNotRegular},
		{".1", link, syscall.ELOOP},
		{".1", fifo, osfile.ErrNotRegular},
		{".2.gz", link, nil},
		{".2.gz", fifo, nil},
	} {
		dir := t.TempDir()
		path, victim := filepath.Join(dir, "a"), filepath.Join(dir, "victim")
		if err := errors.Join(os.WriteFile(path, []byte("{}\n"), 0o644), os.WriteFile(victim, []byte(secret), 0o600), test.make(path+test.name, victim)); err != nil {
			t.Fatal(err)
		}
		j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3, Compress: ".gz"}})
		emitLines(t, j, "{ }\n")
		flush(t, j)
		emitLines(t, j, "[]\n")
		flush(t, j)
		if err := j.Close(); !errors.Is(err, test.want) {
			t.Errorf("%s: Close says %v, want %v", test.name, err, test.want)
		}
		if st, err := os.Stat(victim); err != nil || st.Mode() != 0o600 || readFile(t, victim) != secret {
			t.Errorf("%s: the victim is %v now, and holds %q; %v", test.name, st.Mode(), readFile(t, victim), err)
		}
		if got := readFile(t, path); got != "[]\n" {
			t.Errorf("%s: the file holds %q", test.name, got)
		}
		for _, name := range names(t, dir) {
			if st, err := os.Lstat(filepath.Join(dir, name)); err == nil && st.Mode().IsRegular() && name != "victim" && strings.Contains(readDecompressed(t, filepath.Join(dir, name)), secret) {
				t.Errorf("%s: %s holds the secret", test.name, name)
			}
		}
	}
}

func link(name, secret string) error { return os.Symlink(secret, name) }
func fifo(name, _ string) error      { return syscall.Mkfifo(name, 0o600) }

// A link or FIFO in the place of the file itself is not followed either.
func TestHostileSuccessor(t *testing.T) {
	for _, test := range []struct {
		make func(name, victim string) error
		want string
	}{
		{link, "a symbolic link has taken its place"},
		{fifo, "it is not a regular file"},
	} {
		dir := t.TempDir()
		path, victim := filepath.Join(dir, "a"), filepath.Join(dir, "victim")
		j := open(t, path, nil)
		emitLines(t, j, "{}\n")
		flush(t, j)
		if err := errors.Join(os.Remove(path), test.make(path, victim)); err != nil {
			t.Fatal(err)
		}
		emitLines(t, j, "{}\n")
		if err := j.Flush(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("Flush says %v", err)
		}
		j.Close()
		if _, err := os.Lstat(victim); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the victim exists: %v", err)
		}
	}
}

// A link that somebody creates during a rotation is not followed: its target is not
// written to and keeps its owner and mode.
func TestHostileSuccessorInRotation(t *testing.T) {
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "a"), filepath.Join(dir, "victim")
	if err := errors.Join(os.WriteFile(path, []byte("{}\n"), 0o600), os.WriteFile(victim, []byte("secret\n"), 0o600), os.Chmod(path, 0o666)); err != nil {
		t.Fatal(err)
	}
	j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Rotate: collector.Rotation{Size: 3}}, swappingDisk{path: path, victim: victim}))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, "{ }\n")
	if err := j.Close(); err == nil || !strings.Contains(err.Error(), "a symbolic link has taken its place") {
		t.Errorf("Close says %v", err)
	}
	if st, err := os.Stat(victim); err != nil || st.Mode() != 0o600 || readFile(t, victim) != "secret\n" {
		t.Errorf("the victim is %v now, and holds %q; %v", st.Mode(), readFile(t, victim), err)
	}
}

// A swappingDisk puts a link in the place of a file that was renamed.
type swappingDisk struct {
	collector.RealDisk
	path, victim string
}

func (d swappingDisk) RenameNew(from, to string) error {
	err := d.RealDisk.RenameNew(from, to)
	if err == nil && from == d.path {
		err = os.Symlink(d.victim, d.path)
	}
	return err
}

// If the path was a link when it was opened, that is followed.
func TestRotateALink(t *testing.T) {
	dir := t.TempDir()
	path, target := filepath.Join(dir, "a"), filepath.Join(dir, "sub", "b")
	if err := errors.Join(os.Mkdir(filepath.Dir(target), 0o700), os.Symlink("sub/b", path)); err != nil {
		t.Fatal(err)
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3}})
	emitLines(t, j, "{}\n[]\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if old, now := readFile(t, target+".1"), readFile(t, target); old != "{}\n" || now != "[]\n" {
		t.Errorf("the files hold %q and %q", old, now)
	}
	if _, err := os.Readlink(path); err != nil {
		t.Error(err)
	}
}
