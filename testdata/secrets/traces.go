package secrets

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strconv"
	"unicode/utf8"
)

// window is how many characters in a row of a secret are a trace of it.
const window = 12

// Traces finds what is left of secrets.
type Traces struct {
	of      map[string]Secret // by what would be a trace
	lengths []int             // of the keys of of
	begins  [1 << 16]bool     // the first two bytes of the keys
}

// NewTraces returns Traces that finds secrets: any 12 bytes in a row of one, or all of it if
// it is shorter. What several secrets share, such as the beginning of all tokens of a rule, is
// no trace of one.
func NewTraces(all []Secret) *Traces {
	t := &Traces{of: map[string]Secret{}}
	in := map[string]int{} // how many secrets
	for _, s := range all {
		for w := range windows(s.Value) {
			in[w]++
		}
	}
	for _, s := range all {
		own := false
		for w := range windows(s.Value) {
			if in[w] == 1 {
				t.add(w, s)
				own = true
			}
		}
		if !own {
			t.add(s.Value, s)
		}
	}
	return t
}

// windows returns what would be a trace of a secret.
func windows(secret string) map[string]bool {
	all := map[string]bool{}
	for i := 0; i == 0 || i+window <= len(secret); i++ {
		all[secret[i:min(i+window, len(secret))]] = true
	}
	return all
}

func (t *Traces) add(trace string, s Secret) {
	t.of[trace] = s
	t.begins[int(trace[0])<<8|int(trace[1])] = true
	if !slices.Contains(t.lengths, len(trace)) {
		t.lengths = append(t.lengths, len(trace))
	}
}

// Find returns a secret of which text has a trace: as it is, spelled with the escapes of
// JSON, also in JSON within strings, or in base64.
func (t *Traces) Find(text []byte) (s Secret, trace string, found bool) {
	for range 5 {
		if s, trace, found = t.in(text); found {
			return s, trace, true
		}
		for _, decoded := range unbase64(text) {
			if s, trace, found = t.in(decoded); found {
				return s, trace, true
			}
		}
		unescaped := unescape(text)
		if len(unescaped) == len(text) {
			break
		}
		text = unescaped
	}
	return Secret{}, "", false
}

func (t *Traces) in(text []byte) (s Secret, trace string, found bool) {
	for i := range max(len(text)-1, 0) {
		if !t.begins[int(text[i])<<8|int(text[i+1])] {
			continue
		}
		for _, n := range t.lengths {
			if i+n > len(text) {
				continue
			}
			if s, found = t.of[string(text[i:i+n])]; found {
				return s, string(text[i : i+n]), true
			}
		}
	}
	return Secret{}, "", false
}

// unescape returns text without the escapes of JSON strings, wherever they are.
func unescape(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		i++
		if at := bytes.IndexByte([]byte("bfnrt"), text[i]); at >= 0 {
			out = append(out, "\b\f\n\r\t"[at])
			continue
		}
		if text[i] == 'u' && i+5 <= len(text) {
			if r, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 16); err == nil {
				out = utf8.AppendRune(out, rune(r))
				i += 4
				continue
			}
		}
		out = append(out, text[i])
	}
	return out
}

// unbase64 returns what text has in base64 of either alphabet, from wherever it begins.
func unbase64(text []byte) [][]byte {
	var all [][]byte
	for start := 0; start < len(text); {
		end := start
		for end < len(text) && isBase64(text[end]) {
			end++
		}
		if end-start >= window {
			run := bytes.ReplaceAll(bytes.ReplaceAll(text[start:end], []byte("-"), []byte("+")), []byte("_"), []byte("/"))
			for offset := range 4 {
				whole := run[offset:]
				whole = whole[:len(whole)-len(whole)%4]
				decoded := make([]byte, len(whole))
				n, _ := base64.StdEncoding.Decode(decoded, whole)
				all = append(all, decoded[:n])
			}
		}
		start = end + 1
	}
	return all
}

func isBase64(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
		c == '+' || c == '/' || c == '-' || c == '_'
}
