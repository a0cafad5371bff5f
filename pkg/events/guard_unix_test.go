//go:build unix

package events_test

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/marks"
)

// Nothing after the bytes of a caller is read: here that would end the test.
func TestLinesBeforeMemoryThatIsNotThere(t *testing.T) {
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(memory)
	if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("~", 70)
	whole := []byte(`{"a": "` + long + `\n\u00e9", "b": {}, "c": 12.5, "d": null, "e": "` + long + `", "f": true}` + long)
	withEachSet(func(set marks.Set) {
		var seasoned events.Scanner
		members(&seasoned, bytes.TrimRight(whole, "~"))
		for n := range whole {
			line := memory[page-n : page : page]
			copy(line, whole)
			for _, err := range []error{seasoned.Scan(line), seasoned.ScanFirst(line)} {
				if got, want := found(&seasoned, err), members(new(events.Scanner), whole[:n]); got != want {
					t.Errorf("%v: %q: found %s\nbut on its own %s", set, line, got, want)
				}
			}
		}
	})
}
