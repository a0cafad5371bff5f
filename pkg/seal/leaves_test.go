package seal_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal"
)

// The leaves of lines are those that tlog makes of each, split the plain way.
func FuzzLeaves(f *testing.F) {
	for _, text := range []string{"", "\n", "\n\n", "{}\n", "{}\r\n \n\x00\n", "a\nb", strings.Repeat("\n", 300), strings.Repeat("x", 200) + "\n"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
		var want []byte
		split := bytes.Split(text, []byte("\n"))
		for _, line := range split[:len(split)-1] {
			leaf := tlog.RecordHash(line)
			want = append(want, leaf[:]...)
		}
		before := []byte("before")
		got := seal.AppendLeaves(bytes.Clone(before), append([]byte{'?'}, text...))
		if !bytes.Equal(got, append(before, want...)) {
			t.Errorf("%q: got %x, want %x", text, got, want)
		}
	})
}

// A tree that grew in any steps is the one that the plain way leads to. The steps
// are pieces of the text, where each byte of cuts says how long one is; those
// above 127 ask for blank lines instead, as a tile is not full before 256 lines.
// What is left is the last one.
func FuzzTreeGrows(f *testing.F) {
	f.Add([]byte("{}\n{}\n"), []byte{3, 3})
	f.Add([]byte("{}\nno end yet\n\r\n"), []byte{7, 1, 100})
	f.Add([]byte("a\nb\nc"), []byte{1, 255, 1, 255, 1, 200, 130, 128, 129, 100})
	f.Add([]byte("\n"), []byte{1, 255, 255, 128, 1})
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		cuts = cuts[:min(len(cuts), 8)]
		steps := make([]string, 0, len(cuts)+1)
		for _, cut := range cuts {
			if cut > 127 {
				steps = append(steps, strings.Repeat("\n", int(cut)-127))
				continue
			}
			n := min(len(text), int(cut))
			steps, text = append(steps, string(text[:n])), text[n:]
		}
		steps = append(steps, string(text[:min(len(text), 1<<10)]))
		tree, log, sealed := new(seal.Tree), "", 0
		for _, step := range steps {
			log += step
			// What is behind the last line feed counts once that has come.
			begin := offsetOfLine(log[:sealed], tree.Begin())
			if err := tree.Grow(context.Background(), iotest.HalfReader(strings.NewReader(log[begin:]))); err != nil {
				t.Fatal(err)
			}
			sealed = strings.LastIndexByte(log, '\n') + 1
		}
		if want := plainRoot(t, log); tree.Tree != want {
			t.Errorf("%q: got %v, want %v", steps, tree.Tree, want)
		}
	})
}

// offsetOfLine returns where in a text line n begins, counted from 0.
func offsetOfLine(text string, n int64) (offset int) {
	for range n {
		offset += strings.IndexByte(text[offset:], '\n') + 1
	}
	return offset
}
