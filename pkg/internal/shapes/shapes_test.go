package shapes

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// patterns are the shapes as regular expressions.
var patterns = [kinds]*regexp.Regexp{
	Digits: regexp.MustCompile(`[0-9](?:[ ()./-]{0,2}[0-9]){9}`),
	Dots:   regexp.MustCompile(`[0-9](?:\.[0-9]{1,3}){2}\.[0-9]`),
	Colons: regexp.MustCompile(`::|:(?s:.{1,4}?):(?s:.{1,4}?):(?s:.{1,4}?):`),
	Runs:   regexp.MustCompile(`[0-9A-Za-z+/_-]{24,}`),
}

var everything = Set{true, true, true, true}

func found(text []byte) (found [kinds][]int) {
	Each(text, &everything, func(kind Kind, at int) bool {
		found[kind] = append(found[kind], at)
		return true
	})
	return found
}

// check compares what is found in text with what patterns do.
func check(t *testing.T, text []byte) {
	t.Helper()
	for kind, at := range found(text) {
		want := patterns[kind].FindAllIndex(text, -1)
		if Kind(kind) == Runs {
			var begin []int
			for _, w := range want {
				begin = append(begin, w[0]+23)
			}
			if !slices.Equal(at, begin) {
				t.Fatalf("runs in %q are at %v, want %v", text, at, begin)
			}
			continue
		}
		if len(at) > 0 && want == nil {
			t.Fatalf("kind %d is found in %q at %v, and is not there", kind, text, at)
		}
		for _, w := range want {
			if !slices.ContainsFunc(at, func(i int) bool { return w[0] <= i && i < w[1] }) {
				t.Fatalf("kind %d is at %v in %q, found at %v", kind, w, text, at)
			}
		}
	}
}

func TestEach(t *testing.T) {
	for _, text := range []string{
		"", "1234567890", "(555) 123-4567", "555  123  4567", "555   123 4567", "2026-03-09T08:00:00", "123-456-78 9",
		"10.0.0.1", "1.2.3", "255.255.255.255", "1.2345.6.7", "1..2.3.4", "0.0:0.0:0.0", "::", "a::1", "1:2:3", "1:2:3:4:5:6:7:8",
		"01::1 (555) 123-4", "fe80:1234:5678:9abc:def0", "1:23456:7:8:9", "0123456789abcde", "0123456789abcdefghijklm", "0123456789abcdefghijklmn", "0123456789abcdefghijklmno=",
		"+/-_+/-_+/-_+/-_+/-_+/-_", strings.Repeat("0", 70), strings.Repeat("a", 200), strings.Repeat("1.", 60), strings.Repeat(":a", 50),
	} {
		for before := range 70 {
			check(t, []byte(strings.Repeat("~", before)+text))
			check(t, []byte(strings.Repeat("~", before)+text+strings.Repeat("~", 70)))
		}
	}
}

func TestEachOnlyOf(t *testing.T) {
	Each([]byte("10.0.0.1 :: 1234567890 0123456789abcdefghijklmnopqr"), &Set{Colons: true}, func(kind Kind, at int) bool {
		if kind != Colons {
			t.Errorf("found kind %d", kind)
		}
		return true
	})
}

func TestEachStops(t *testing.T) {
	n := 0
	if Each([]byte(":::::::::::::::"), &everything, func(Kind, int) bool { n++; return n < 3 }) || n != 3 {
		t.Errorf("it found %d, want 3", n)
	}
}

// Masks are the same from vectors and from words, for each byte at each place.
func TestMask(t *testing.T) {
	for c := range 256 {
		for at := range 64 {
			b := bytes.Repeat([]byte{byte(c + 1)}, 64)
			b[at] = byte(c)
			var vector, words masks
			mask(&vector, b)
			maskWords(&words, b)
			want := fmt.Sprint(
				'0' <= c && c <= '9', strings.IndexByte(" ()-./", byte(c)) >= 0, c == '.', c == ':',
				patterns[Runs].Match(bytes.Repeat([]byte{byte(c)}, 24)))
			for _, m := range []masks{vector, words} {
				got := fmt.Sprint(m.digits>>at&1 == 1, m.between>>at&1 == 1, m.dots>>at&1 == 1, m.colons>>at&1 == 1, m.base64>>at&1 == 1)
				if got != want {
					t.Fatalf("masks of %q have %s, want %s", rune(c), got, want)
				}
			}
			if vector != words {
				t.Fatalf("masks of %q are %x from vectors, %x from words", b, vector, words)
			}
		}
	}
}

func FuzzEach(f *testing.F) {
	f.Add([]byte("10.0.0.1 ::1 (555) 123-4567 0123456789abcdefghijklmnopqr"), uint(60))
	f.Fuzz(func(t *testing.T, text []byte, before uint) {
		check(t, append(bytes.Repeat([]byte{'~'}, int(before%130)), text...))
		few := bytes.Clone(text)
		for i := range few { // kinds that shapes are made of
			few[i] = "0123.:.:- (a/~"[few[i]%14]
		}
		check(t, append(few, text...))
	})
}

func BenchmarkMask(b *testing.B) {
	text := []byte("mail alice@example.com, call (555) 123-4567: ::1 or 10.0.0.1 now")
	run := func(name string, mask func(*masks, []byte)) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			var m masks
			for b.Loop() {
				mask(&m, text)
			}
		})
	}
	run("words", maskWords)
	run("vectors", mask)
}
