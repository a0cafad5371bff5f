package marks

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// plainQuote is Quote, byte by byte.
func plainQuote(text []byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}

func checkQuote(t *testing.T, text []byte) {
	t.Helper()
	want := plainQuote(text)
	withEachSet(func(set Set) {
		if got := Quote(text); got != want {
			t.Fatalf("%v: the first quote of %q is at %d, want %d", set, text, got, want)
		}
	})
}

// Backslashes and quotes in every order, within a block, across two and at the end.
func TestQuoteRuns(t *testing.T) {
	for _, at := range []int{0, 31, 55, 60, 63, 64, 100, 121, 127} {
		for bits := range 1 << 8 {
			text := bytes.Repeat([]byte("~"), 200)
			for i := range 8 {
				text[at+i] = `\"`[bits>>i&1]
			}
			checkQuote(t, text)
			checkQuote(t, text[:at+8])
			checkQuote(t, append(text, '"'))
		}
	}
}

// One long run of backslashes, over several blocks.
func TestQuoteAfterLongRun(t *testing.T) {
	for run := range 200 {
		for _, before := range []string{"", "~", `"`, `\"`, strings.Repeat("~", 63), strings.Repeat("~", 64)} {
			text := []byte(before + strings.Repeat(`\`, run) + `"` + strings.Repeat("~", 70) + `"`)
			for i := range before {
				checkQuote(t, text[i:])
			}
			checkQuote(t, text)
			checkQuote(t, text[:len(before)+run])
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, text := range []string{``, `"`, `\"`, `\\"`, `a\\\"b"`, `\`} {
		f.Add([]byte(text), uint64(0))
		f.Add([]byte(text), uint64(60))
	}
	f.Fuzz(func(t *testing.T, text []byte, seed uint64) {
		checkQuote(t, text)
		random := rand.New(rand.NewPCG(seed, 0))
		dense := make([]byte, len(text)+int(seed%300))
		for i := range dense { // mostly backslashes
			dense[i] = `\\\\\\\\\\\\\~~~~"`[random.IntN(18)]
		}
		checkQuote(t, dense)
	})
}
