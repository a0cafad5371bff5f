package keywords_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/internal/keywords"
)

// all returns what f finds, in order.
func all(f *keywords.Finder, text []byte) []string {
	var found []string
	f.Each(text, func(word, at int) bool {
		found = append(found, fmt.Sprintf("%5d: %d", at, word))
		return true
	})
	slices.Sort(found)
	return found
}

// plain returns what a Finder of words and exact finds, by comparing everywhere.
func plain(words, exact []string, text []byte) []string {
	var found []string
	lower := func(s []byte) []byte { // not of other letters than those of ASCII
		s = bytes.Clone(s)
		for i, c := range s {
			if 'A' <= c && c <= 'Z' {
				s[i] += 'a' - 'A'
			}
		}
		return s
	}
	for i := range text {
		for k, w := range words {
			if bytes.HasPrefix(lower(text[i:]), lower([]byte(w))) {
				found = append(found, fmt.Sprintf("%5d: %d", i, k))
			}
		}
		for k, w := range exact {
			if bytes.HasPrefix(text[i:], []byte(w)) {
				found = append(found, fmt.Sprintf("%5d: %d", i, len(words)+k))
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestEach(t *testing.T) {
	words := []string{"@", "+1", "::", "eyJ", "sk-", "ghp_", "GHO_", "password", "token", "-----BEGIN", "key=", "apikey=", "ab"}
	exact := []string{"Z2hwX", "Z2h", "aB", "pass"}
	f := keywords.New(words, exact...)
	for _, text := range []string{
		"", "@", "a+1", "+", "eYj", "ghp", "ghp_", "xGHP_ password: tokEN", "------BEGIN-----BEGIN", "APIKEY==key=",
		"Z2hwX z2hwX Z2hwx", "aB ab AB Ab", "they\xffkeep@`\x00 +1:::sk-", "pass PASS passwords",
	} {
		for _, before := range []int{0, 1, 5, 7, 8, 100} {
			for _, after := range []int{0, 1, 2, 3, 9, 40} {
				b := []byte(strings.Repeat("~", before) + text + strings.Repeat("~", after))
				if got, want := all(f, b), plain(words, exact, b); !slices.Equal(got, want) {
					t.Fatalf("found %q in %q, want %q", got, b, want)
				}
				if got, want := f.In(b), plain(words, exact, b) != nil; got != want {
					t.Fatalf("a keyword is in %q: %v", b, got)
				}
			}
		}
	}
}

func TestNoKeywords(t *testing.T) {
	if keywords.New(nil).In(make([]byte, 100)) {
		t.Error("found a keyword of none")
	}
}

func TestEachStops(t *testing.T) {
	n := 0
	ended := keywords.New([]string{"a", "b"}).Each([]byte(strings.Repeat("ab", 20)), func(int, int) bool {
		n++
		return n < 3
	})
	if ended || n != 3 {
		t.Errorf("it came to the end: %v; found %d, want 3", ended, n)
	}
}

func FuzzEach(f *testing.F) {
	f.Add("ghp_ key= @ + password", "Zx2 ab", []byte("ghp_key= @PASSWORD ++ Zx2 AB"))
	f.Add("a ab abc abcd abcde", "abcdef b bc", []byte("xABCDEFabcdefABCDEFabcdefabcdefabcdef"))
	f.Fuzz(func(t *testing.T, some, others string, text []byte) {
		valid := func(s string) []string {
			return slices.DeleteFunc(strings.Split(s, " "), func(w string) bool { return !keywords.Valid(w) })
		}
		words, exact := valid(some), valid(others)
		if got, want := all(keywords.New(words, exact...), text), plain(words, exact, text); !slices.Equal(got, want) {
			t.Fatalf("found %q of %q and %q in %q, want %q", got, words, exact, text, want)
		}
	})
}

func BenchmarkEach(b *testing.B) {
	words := strings.Fields("@ +1 +2 +3 :: eyJ sk- ghp_ gho_ glpat- xoxb- AKIA password= token= secret= api_key= -----BEGIN npm_ pypi- hf_ shpat_ dop_v1_ SG. key- ya29. AIza")
	for i := range 100 {
		words = append(words, fmt.Sprintf("%c%c%c_%d", 'a'+i%26, 'a'+i*7%26, 'a'+i*11%26, i))
	}
	f := keywords.New(words)
	line := []byte(`{"event_type": "turn_end", "timestamp": "2026-03-09T08:00:00.441296+00:00", "agent_id": "ops", "turn_id": "c8d04605312f", "session_id": "sess-ec6c", "severity": "info", "metadata": {}, "content_preview": "rotates health errors password the webhooks line grouped and the {\"ok\":true} timeout billing", "function_calls_count": 8}`)
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		f.In(line)
	}
}
