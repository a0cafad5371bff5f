package collector_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/collector"
	"auditctl/pkg/internal/osfile"
)

// A faultyDisk fails at some calls of one operation.
type faultyDisk struct {
	collector.RealDisk
	op    string
	done  bool // do the rename in spite of the error
	fails func(call int) bool
	calls int
}

func (d *faultyDisk) call(op string) error {
	if op != d.op {
		return nil
	}
	if d.calls++; d.fails(d.calls) {
		return &fs.PathError{Op: op, Path: "a", Err: syscall.EIO}
	}
	return nil
}

func (d *faultyDisk) Lstat(path string) (fs.FileInfo, error) {
	if err := d.call("lstat"); err != nil {
		return nil, err
	}
	return d.RealDisk.Lstat(path)
}

func (d *faultyDisk) Open(path string, flag int) (collector.Handle, error) {
	if err := d.call("open"); err != nil {
		return nil, err
	}
	return d.RealDisk.Open(path, flag)
}

func (d *faultyDisk) RenameNew(from, to string) error {
	err := d.call("rename")
	if err != nil && !d.done {
		return err
	}
	return cmp.Or(err, d.RealDisk.RenameNew(from, to))
}

func (d *faultyDisk) Remove(path string) error {
	if err := d.call("remove"); err != nil {
		return err
	}
	return d.RealDisk.Remove(path)
}

// A rotation that fails at any step loses no line, old or new, and Close returns the
// error.
func TestRotateFaults(t *testing.T) {
	for _, keep := range []int{0, 4} {
		for _, op := range []string{"lstat", "open", "rename", "rename, done", "remove"} {
			first := 1
			if op == "open" {
				first = 2 // the first open is not of a rotation
			}
			for _, fails := range []func(call, n int) bool{
				func(call, n int) bool { return call == n },
				func(call, n int) bool { return call >= n },
			} {
				failed := true
				for n := first; failed; n++ {
					disk := &faultyDisk{fails: func(call int) bool { return fails(call, n) }}
					disk.op, _, disk.done = strings.Cut(op, ", ")
					failed = rotateFaulty(t, fmt.Sprintf("keep %d, %s %d", keep, op, n), keep, disk)
				}
			}
		}
	}
}

// rotateFaulty rotates a few times. It returns false if nothing failed.
func rotateFaulty(t *testing.T, name string, keep int, disk *faultyDisk) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	lines := []string{"[1]\n", "[2]\n", "[3]\n", "[4]\n", "[5]\n", "[6]\n", "[7]\n"}
	for i, name := range []string{path + ".2", path + ".1", path} {
		if err := os.WriteFile(name, []byte(lines[i]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Rotate: collector.Rotation{Size: 4, Keep: keep}}, disk))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[3:] {
		emitLines(t, j, line)
		flush(t, j)
	}
	err = j.Close()
	have := readNumbered(t, path)
	if keep > 0 {
		lines = lines[len(lines)-keep-1:]
	}
	if want := strings.Join(lines, ""); !strings.HasSuffix(have, want) {
		t.Errorf("%s: there is %q, want %q; %v", name, have, want, err)
	}
	if err == nil {
		return false
	}
	if !errors.Is(err, syscall.EIO) || !strings.HasPrefix(err.Error(), "rotate: ") {
		t.Errorf("%s: Close says %v", name, err)
	}
	return true
}

// After a rotation has failed, it is tried again when the file has grown by its limit,
// not for each line.
func TestRotateIsPutOff(t *testing.T) {
	disk := &faultyDisk{op: "rename", fails: func(call int) bool { return call <= 3 }}
	path := filepath.Join(t.TempDir(), "a")
	j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Rotate: collector.Rotation{Size: 40}}, disk))
	if err != nil {
		t.Fatal(err)
	}
	want := ""
	for n := range 44 {
		line := fmt.Sprintf("[%d]\n", 10+n) // 5 bytes: the limit is met after every 8
		emitLines(t, j, line)
		if n%3 == 0 {
			flush(t, j)
		}
		want += line
	}
	if err := j.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("Close says %v", err)
	}
	if got := readNumbered(t, path); got != want {
		t.Errorf("there is %q, want %q", got, want)
	}
	if disk.calls != 6 { // one of them for the file that was rotated before
		t.Errorf("it was tried %d times", disk.calls)
	}
}

// A file whose name is too long for a number is not rotated.
func TestRotateALongName(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("a", 255))
	if err := os.WriteFile(path, []byte("{}\n"), 0o600); err != nil {
		t.Skip(err)
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3}})
	emitLines(t, j, "{ }\n")
	flush(t, j)
	if err := j.Close(); !errors.Is(err, syscall.ENAMETOOLONG) {
		t.Errorf("Close says %v", err)
	}
	if got := readFile(t, path); got != "{}\n{ }\n" {
		t.Errorf("the file holds %q", got)
	}
}

// Files that have the names rotation would use are renamed, not replaced.
func TestRotateBesideOthers(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	for name, text := range map[string]string{"a": "{}\n", "a.1": "[1]\n", "a.1.gz": "half", "a.2.zst": "[2]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	j := open(t, path, &collector.JSONLOptions{Rotate: collector.Rotation{Size: 3, Compress: ".gz"}})
	emitLines(t, j, "{ }\n")
	if err := j.Close(); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Close says %v", err)
	}
	if got, want := names(t, dir), []string{"a", "a.1.gz", "a.2", "a.2.gz", "a.3.zst"}; !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	for name, want := range map[string]string{"a": "{ }\n", "a.2": "[1]\n", "a.2.gz": "half", "a.3.zst": "[2]\n"} {
		if got := readFile(t, filepath.Join(dir, name)); got != want {
			t.Errorf("%s holds %q, want %q", name, got, want)
		}
	}
}

// What somebody else still writes to a rotated file is not lost by compressing it.
func TestRotateAFileThatGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	disk := &growingDisk{old: path + ".1"}
	j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Rotate: collector.Rotation{Size: 3, Compress: ".gz"}}, disk))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, "{}\n{}\n")
	if err := j.Close(); err == nil || !strings.Contains(err.Error(), "it is still written to") {
		t.Errorf("Close says %v", err)
	}
	if got, want := readNumbered(t, path), "{}\nlate\n{}\n"; got != want {
		t.Errorf("there is %q, want %q", got, want)
	}
}

// On a growingDisk, a rotated file grows while it is compressed.
type growingDisk struct {
	collector.RealDisk
	old string
}

func (d *growingDisk) Open(path string, flag int) (collector.Handle, error) {
	h, err := d.RealDisk.Open(path, flag)
	if path == d.old {
		h = &growingFile{h, path}
	}
	return h, err
}

type growingFile struct {
	collector.Handle
	path string
}

func (f *growingFile) Read(p []byte) (int, error) {
	n, err := f.Handle.Read(p)
	if err == io.EOF && f.path != "" {
		old, openErr := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0)
		if openErr != nil {
			return n, openErr
		}
		f.path = ""
		io.WriteString(old, "late\n")
		old.Close()
	}
	return n, err
}

// readNumbered returns the content of a log and its rotated files, oldest first, even if
// numbers are missing.
func readNumbered(t *testing.T, path string) (text string) {
	t.Helper()
	var numbers []int
	for _, name := range names(t, filepath.Dir(path)) {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, filepath.Base(path)+".")); err == nil {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	for _, n := range slices.Backward(numbers) {
		text += readFile(t, fmt.Sprintf("%s.%d", path, n))
	}
	if _, err := os.Stat(path); err != nil {
		return text
	}
	return text + readFile(t, path)
}

// A watchingDisk calls a function before a file is removed.
type watchingDisk struct {
	collector.RealDisk
	removing func(path string)
}

func (d watchingDisk) Remove(path string) error {
	d.removing(path)
	return d.RealDisk.Remove(path)
}

// Rotated files are removed while the log is locked, since others may be compressing or
// renaming them.
func TestRotateDiscardsUnderTheLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	removed := 0
	disk := watchingDisk{removing: func(name string) {
		removed++
		log, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		if free, err := osfile.TryLock(log); free || err != nil {
			t.Errorf("%s was removed while the log was not locked: %v", name, err)
		}
	}}
	j, err := collector.OpenJSONL(path, collector.WithDisk(collector.JSONLOptions{Rotate: collector.Rotation{Size: 4, Keep: 1}}, disk))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, "[1]\n[2]\n[3]\n[4]\n")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if removed != 2 {
		t.Errorf("%d files were removed, want 2", removed)
	}
}
