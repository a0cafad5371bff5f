package collector_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"auditctl/pkg/collector"
)

// A fault is the failure of one call of an operation.
type fault struct {
	op    string // write, sync, close or truncate
	takes int    // the bytes written nevertheless, for a write
	err   error  // nil for a short write without an error
}

// A faultyFile is a file that fails at the n-th call of an operation.
type faultyFile struct {
	*os.File
	fault
	n *int // calls left before it fails
}

func (f *faultyFile) fails(op string) bool {
	if op != f.op {
		return false
	}
	*f.n--
	return *f.n == 0
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if !f.fails("write") {
		return f.File.Write(p)
	}
	n, err := f.File.Write(p[:min(f.takes, len(p))])
	if err == nil {
		err = f.err
	}
	return n, err
}

func (f *faultyFile) Sync() error {
	if f.fails("sync") {
		return f.err
	}
	return f.File.Sync()
}

func (f *faultyFile) Close() error {
	err := f.File.Close()
	if f.fails("close") {
		return f.err
	}
	return err
}

func (f *faultyFile) Truncate(size int64) error {
	if f.fails("truncate") || f.op == "write and truncate" {
		return f.err
	}
	return f.File.Truncate(size)
}

// Whatever fails at whatever time, the error is permanent, the file has a prefix of the
// lines, all of them if there was no error, and it can be appended to.
func TestJSONLFaults(t *testing.T) {
	faults := []fault{
		{"write", 0, syscall.ENOSPC}, {"write", 1, syscall.ENOSPC}, {"write", 70, syscall.EIO}, {"write", 1 << 20, syscall.EIO},
		{"write", 1, nil}, {"write", 70, nil},
		{"sync", 0, syscall.EIO}, {"close", 0, syscall.EIO},
	}
	for _, suffix := range []string{"", ".gz", ".zst"} {
		for _, opts := range []collector.JSONLOptions{
			{},
			{Sync: collector.SyncOnClose},
			{Sync: collector.SyncAlways},
			{Sync: collector.SyncAlways, Rotate: collector.Rotation{Size: 200}},
		} {
			t.Run(fmt.Sprintf("%s sync %d rotate %d", suffix, opts.Sync, opts.Rotate.Size), func(t *testing.T) {
				t.Parallel()
				for _, fault := range faults {
					for n := 1; ; n++ {
						name := fmt.Sprintf("%v at %d", fault, n)
						if failed := injectFault(t, name, "audit.jsonl"+suffix, opts, fault, n); !failed {
							break
						}
					}
				}
			})
		}
	}
}

// injectFault writes lines and makes the n-th call fail. It returns false if there are
// fewer calls.
func injectFault(t *testing.T, name, file string, opts collector.JSONLOptions, what fault, n int) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), file)
	left := n
	j, err := collector.OpenJSONL(path, collector.WithOpen(opts, func(path string, flag int) (collector.Handle, error) {
		f, err := os.OpenFile(path, flag, 0o600)
		return &faultyFile{f, what, &left}, err
	}))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var first error
	note := func(call string, err error) {
		switch {
		case first == nil:
			first = err
		case !errors.Is(err, what.err):
			t.Errorf("%s: %s says %v after %v", name, call, err, first)
		}
	}
	sent := ""
	for batch := range 6 {
		lines := ""
		for line := range 1 + batch%3 {
			lines += numbered(strings.Repeat("x", 20*line), batch) + "\n"
		}
		note("EmitLines", j.EmitLines([]byte(lines)))
		note("Flush", j.Flush())
		sent += lines
	}
	note("Close", j.Close())
	if reached := left <= 0; !reached {
		return false
	}
	if (first != nil) != (what.err != nil) || first != nil && !errors.Is(first, what.err) {
		t.Errorf("%s: reported %v", name, first)
	}

	kept := readRotated(t, path)
	if !strings.HasPrefix(sent, kept) || kept != "" && !strings.HasSuffix(kept, "\n") || first == nil && kept != sent {
		t.Errorf("%s: kept %q of %q", name, kept, sent)
	}
	if written := j.Written(); written != int64(len(kept)) && file == "audit.jsonl" {
		t.Errorf("%s: %d bytes were written, %d are there", name, written, len(kept))
	}
	again := open(t, path, &opts)
	emitLines(t, again, "{\"event_type\": \"more\"}\n")
	if err := again.Close(); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if got, want := readRotated(t, path), kept+"{\"event_type\": \"more\"}\n"; got != want {
		t.Errorf("%s: then holds %q, want %q", name, got, want)
	}
	return true
}

// If an incomplete line cannot be removed, the error says so, and the next line does not
// run into it.
func TestJSONLCannotCutBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	left := -1
	j, err := collector.OpenJSONL(path, collector.WithOpen(collector.JSONLOptions{}, func(path string, flag int) (collector.Handle, error) {
		f, err := os.OpenFile(path, flag, 0o600)
		return &fullFile{faultyFile{f, fault{"write and truncate", 0, syscall.EIO}, &left}}, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	emitLines(t, j, "{\"event_type\": \"a\"}\n")
	if got := errorText(j.Flush()); !strings.HasSuffix(got, "; the file may end within a line") {
		t.Errorf("the error is %q", got)
	}
	j.Close()
	again := open(t, path, nil)
	emitLines(t, again, "{}\n")
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if got := readFile(t, path); got != "{\"eve\n{}\n" {
		t.Errorf("the file holds %q", got)
	}
}

// A fullFile accepts five bytes.
type fullFile struct{ faultyFile }

func (f *fullFile) Write(p []byte) (int, error) {
	n, _ := f.File.Write(p[:5])
	return n, syscall.ENOSPC
}

// A line that comes in pieces is removed even if no byte of a later piece could be
// written.
func TestJSONLPieceOnAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	left := 3
	j, err := collector.OpenJSONL(path, collector.WithOpen(collector.JSONLOptions{}, func(path string, flag int) (collector.Handle, error) {
		f, err := os.OpenFile(path, flag, 0o600)
		return &faultyFile{f, fault{"write", 0, syscall.ENOSPC}, &left}, err
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"{}\n", "{", "}"} {
		j.EmitLines([]byte(piece))
		j.Flush()
	}
	if err := j.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Close says %v", err)
	}
	if got := readFile(t, path); got != "{}\n" {
		t.Errorf("the file holds %q", got)
	}
}
