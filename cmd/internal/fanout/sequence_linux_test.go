package fanout_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// On a full disk events still get numbers, so that those that the file lacks are a gap.
func TestSequenceFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("cannot mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	file, ballast := filepath.Join(dir, "a"), filepath.Join(dir, "ballast")
	var said, other buffer
	set, all := newFiles(t, numbering(&said, file), []string{file}, &other)
	err := send(set, all, line)
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	err = errors.Join(err, send(set, all, strings.Repeat(line1, 100)), send(set, all, line2))
	set.Close()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	set, all = newFiles(t, numbering(&said, file), []string{file})
	err = errors.Join(err, send(set, all, line))
	set.Close()
	if numbersIn(other.String()) != upTo(102) {
		t.Errorf("%v: the other has %s", err, numbersIn(other.String()))
	}
	text := readFile(t, file)
	numbers := strings.Fields(numbersIn(text))
	if err != nil || !strings.HasPrefix(upTo(102), strings.Join(numbers[:len(numbers)-1], " ")) || len(numbers) > 100 || numbers[len(numbers)-1] != "103" {
		t.Errorf("%v: the numbers are %s", err, numbers)
	}
	if got := said.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "no space left on device\n") {
		t.Errorf("said %q", got)
	}
}
