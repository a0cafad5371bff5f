package marks

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
)

func isSpecial(c byte) bool { return c < ' ' || c > 0x7f || c == '"' || c == '\\' }

// plainIndexes returns what Window.index does for every index, byte by byte.
func plainIndexes(b []byte) []int {
	all := make([]int, len(b)+1)
	all[len(b)] = len(b)
	for i := len(b) - 1; i >= 0; i-- {
		all[i] = all[i+1]
		if isSpecial(b[i]) {
			all[i] = i
		}
	}
	return all
}

// withEachSet calls check with each set of instructions of the machine in use.
func withEachSet(check func(Set)) {
	for _, set := range Sets() {
		restore := Use(set)
		check(set)
		restore()
	}
}

// check compares the marks of b with what stands there.
func check(t *testing.T, b []byte) {
	t.Helper()
	want := bytes.IndexByte(b[:min(len(b), 64*maxWords)], '\n')
	indexes := plainIndexes(b)
	withEachSet(func(set Set) {
		var s Window
		if got := s.Fill(b, 0); got != want {
			t.Fatalf("%v: fill(%q) found the line feed at %d, want %d", set, b, got, want)
		}
		for i, want := range indexes {
			if got := s.Index(b, i); got != want {
				t.Fatalf("%v: index(%q, %d) = %d, want %d", set, b, i, got, want)
			}
			if near := s.Near(i); near < i || near > want {
				t.Fatalf("%v: near(%d) of %q = %d, beyond %d", set, i, b, near, want)
			}
		}
		if words := min(len(b)/64, maxWords); words > 0 {
			var other Window
			done, feeds := mark(s.marks[:], b, words)
			otherDone, otherFeeds := markWords(other.marks[:], b, words)
			if done != otherDone || feeds != otherFeeds || !slices.Equal(s.marks[:done], other.marks[:done]) {
				t.Fatalf("%v: marks of %q are %x with line feeds %x, in words %x and %x",
					set, b, s.marks[:done], feeds, other.marks[:otherDone], otherFeeds)
			}
		}
	})
}

// Every two bytes next to each other, within a word of the machine and across
// two.
func TestPairs(t *testing.T) {
	withEachSet(func(set Set) {
		b := bytes.Repeat([]byte("~"), 64)
		for _, at := range []int{0, 6, 7, 31, 62} {
			for pair := range 1 << 16 {
				b[at], b[at+1] = byte(pair), byte(pair>>8)
				var want, wantFeeds uint64
				for i := at; i < at+2; i++ {
					if isSpecial(b[i]) {
						want |= 1 << i
					}
					if b[i] == '\n' {
						wantFeeds |= 1 << i
					}
				}
				var got [1]uint64
				if _, feeds := mark(got[:], b, 1); got[0] != want || feeds != wantFeeds {
					t.Fatalf("%v: %q has marks %x, line feeds %x; want %x and %x", set, b, got, feeds, want, wantFeeds)
				}
			}
			b[at], b[at+1] = '~', '~'
		}
	})
}

// Special bytes and what is next to them in tables, in every place of several windows.
func TestRandom(t *testing.T) {
	const special = "\"\\\\\\ !#[]^\x00\t\x1f\x7f\x80\xff\n"
	random := rand.New(rand.NewPCG(0, 0))
	for range 2000 {
		text := make([]byte, random.IntN(400))
		plain := 1 + random.IntN(30)
		for i := range text {
			text[i] = '~'
			if random.IntN(plain) == 0 {
				text[i] = special[random.IntN(len(special))]
			}
		}
		check(t, text)
		checkQuote(t, text)
	}
}

func FuzzWindow(f *testing.F) {
	for _, text := range []string{"", "\"", "0123456\"", "01234567\\", "! \x1f", "\x80\x7f", "#]\"!\x00\xff", "日本語のツール"} {
		f.Add([]byte(text), 0)
		f.Add([]byte(text), 60)
		f.Add([]byte(text), 4090)
	}
	f.Fuzz(func(t *testing.T, b []byte, before int) {
		check(t, append(bytes.Repeat([]byte("~"), min(max(before, 0), 1<<14)), b...))
	})
}
