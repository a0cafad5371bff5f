package merkle_test

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"auditctl/pkg/seal/internal/merkle"
)

// The leaves are those that tlog computes for each line.
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
		got := merkle.AppendLeaves(bytes.Clone(before), append([]byte{'?'}, text...))
		if !bytes.Equal(got, append(before, want...)) {
			t.Errorf("%q: got %x, want %x", text, got, want)
		}
	})
}
