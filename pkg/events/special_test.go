package events

import "testing"

// plainIndexSpecial is what indexSpecial does, byte by byte.
func plainIndexSpecial(b []byte, i int) int {
	for ; i < len(b); i++ {
		if b[i] < ' ' || b[i] == '"' || b[i] == '\\' || b[i] > 0x7f {
			break
		}
	}
	return i
}

// Every two bytes next to each other, anywhere in a word and across two, as
// borrows go from one byte into the next.
func TestIndexSpecialPairs(t *testing.T) {
	b := []byte("~~~~~~~~~~~~~~~~~~~~")
	for at := range len(b) - 1 {
		for pair := range 1 << 16 {
			b[at], b[at+1] = byte(pair), byte(pair>>8)
			if got, want := indexSpecial(b, 0), plainIndexSpecial(b, 0); got != want {
				t.Fatalf("indexSpecial(%q) = %d, want %d", b, got, want)
			}
		}
		b[at], b[at+1] = '~', '~'
	}
}

func FuzzIndexSpecial(f *testing.F) {
	for _, text := range []string{"", "\"", "0123456\"", "01234567\\", "! \x1f", "\x80\x7f", "#]\"!\x00\xff", "日本語のツール"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for i := range len(b) + 1 {
			if got, want := indexSpecial(b, i), plainIndexSpecial(b, i); got != want {
				t.Fatalf("indexSpecial(%q, %d) = %d, want %d", b, i, got, want)
			}
		}
	})
}
