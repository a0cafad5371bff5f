package events

import (
	"bytes"
	"slices"
	"testing"
)

// plainIndexSpecial is what specials.index does, byte by byte.
func plainIndexSpecial(b []byte, i int) int {
	for ; i < len(b); i++ {
		if isSpecial(b[i]) {
			break
		}
	}
	return i
}

// checkSpecials compares the marks of b, from vectors and from words, with what
// stands there.
func checkSpecials(t *testing.T, b []byte) {
	t.Helper()
	var s specials
	want := bytes.IndexByte(b[:min(len(b), 64*maxWords)], '\n')
	if got := s.fill(b, 0); got != want {
		t.Fatalf("fill(%q) found the line feed at %d, want %d", b, got, want)
	}
	for i := range len(b) + 1 {
		if got, want := s.index(b, i), plainIndexSpecial(b, i); got != want {
			t.Fatalf("index(%q, %d) = %d, want %d", b, i, got, want)
		}
	}
	if words := min(len(b)/64, maxWords); words > 0 {
		var other specials
		done, feeds := mark(s.marks[:], b, words)
		otherDone, otherFeeds := markWords(other.marks[:], b, words)
		if done != otherDone || feeds != otherFeeds || !slices.Equal(s.marks[:done], other.marks[:done]) {
			t.Fatalf("marks of %q are %x with line feeds %x, in words %x and %x",
				b, s.marks[:done], feeds, other.marks[:otherDone], otherFeeds)
		}
	}
}

// Every two bytes next to each other, at the end of a word and across two.
func TestSpecialPairs(t *testing.T) {
	b := bytes.Repeat([]byte("~"), 130)
	for _, at := range []int{0, 6, 7, 31, 62, 63, 127, 128} {
		for pair := range 1 << 16 {
			b[at], b[at+1] = byte(pair), byte(pair>>8)
			checkSpecials(t, b)
		}
		b[at], b[at+1] = '~', '~'
	}
}

func FuzzSpecial(f *testing.F) {
	for _, text := range []string{"", "\"", "0123456\"", "01234567\\", "! \x1f", "\x80\x7f", "#]\"!\x00\xff", "日本語のツール"} {
		f.Add([]byte(text), 0)
		f.Add([]byte(text), 60)
		f.Add([]byte(text), 4090)
	}
	f.Fuzz(func(t *testing.T, b []byte, before int) {
		checkSpecials(t, append(bytes.Repeat([]byte("~"), min(max(before, 0), 1<<14)), b...))
	})
}
