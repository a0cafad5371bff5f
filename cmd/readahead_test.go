package cmd_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"auditctl/cmd"
)

// A watchedReader returns a line at a time, and before each calls look with all lines
// before it.
type watchedReader struct {
	lines []string
	look  func(read string)
	read  string
}

func (r *watchedReader) Read(p []byte) (int, error) {
	r.look(r.read)
	if len(r.lines) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.lines[0])
	r.read += r.lines[0][:n]
	r.lines = r.lines[1:]
	return n, nil
}

// With --sync=always nothing is read before all that was read is in the files and
// on standard output.
func TestSyncAlwaysReadsNothingAhead(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"tee", "filter -o - -o", "repair -o - -o"} {
		path := filepath.Join(t.TempDir(), "a.jsonl")
		writeFile(t, path, "")
		var out, said bytes.Buffer
		in := &watchedReader{lines: strings.SplitAfter(strings.Repeat(lineA, 50), "\n")[:50], look: func(read string) {
			if file := readFile(t, path); file != read || out.String() != read {
				t.Errorf("%s: %d bytes were read, %d are in the file, %d on standard output", args, len(read), len(file), out.Len())
			}
		}}
		status := cmd.Run(t.Context(), append(strings.Fields(args), path, "--sync=always", "--jobs=4"), cmd.Streams{In: in, Out: &out, Err: &said})
		if status != 0 || out.String() != strings.Repeat(lineA, 50) {
			t.Errorf("%s: status %d, %q", args, status, &said)
		}
	}
}
