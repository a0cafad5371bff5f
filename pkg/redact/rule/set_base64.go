package rule

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"auditctl/pkg/internal/keywords"
	"auditctl/pkg/internal/shapes"
)

const (
	// maxDepth is how often what is found may have been encoded.
	maxDepth = 2

	// minLine is how long the lines of base64 are at least that go on in the next line.
	minLine = 32
)

// makeEncoded prepares the search for keywords in base64. Their offsets are how many characters
// are before them if their base64 begins at the first.
func (s *Set) makeEncoded() {
	offsets := map[string]int{}
	for _, r := range s.rules {
		for _, word := range r.prefixes() {
			for before := range 3 {
				text := inBase64(word, before)
				for _, text := range []string{text, strings.NewReplacer("+", "-", "/", "_").Replace(text)} {
					offsets[text] = (8*before + 5) / 6
				}
			}
		}
	}
	words := slices.Sorted(maps.Keys(offsets))
	for _, w := range words {
		s.offsets = append(s.offsets, offsets[w])
	}
	s.encoded = keywords.New(nil, words...)
}

// prefixes returns the keywords of a rule that are specific enough to be looked for in base64
// as well.
func (r *Rule) prefixes() []string {
	if strings.Contains(r.Regexp, "(?i") {
		return nil // they are words
	}
	var all []string
	for _, word := range r.Keywords {
		if len(word) >= 3 {
			all = append(all, word, r.spell(word))
		}
	}
	return all
}

// spell returns a keyword with the letters of each of its words as the expression has them.
func (r *Rule) spell(keyword string) string {
	upper, source := strings.ToUpper(keyword), strings.ToUpper(r.Regexp)
	if len(upper) != len(keyword) || len(source) != len(r.Regexp) {
		return keyword
	}
	spelled := []byte(keyword)
	for start := 0; start < len(upper); {
		end := start + 1
		for end < len(upper) && isAlphanumeric(upper[start]) && isAlphanumeric(upper[end]) {
			end++
		}
		if i := strings.Index(source, upper[start:end]); i >= 0 {
			copy(spelled[start:], r.Regexp[i:][:end-start])
		}
		start = end
	}
	return string(spelled)
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// inBase64 returns what is certain of the base64 of word after so many other bytes: the
// characters that stand for nothing but it.
func inBase64(word string, before int) string {
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + word))
	return encoded[(8*before+5)/6 : 8*(before+len(word))/6]
}

// sextets has the bits of each character of either alphabet.
var sextets = [256]byte{
	'A': 0, 'B': 1, 'C': 2, 'D': 3, 'E': 4, 'F': 5, 'G': 6, 'H': 7, 'I': 8, 'J': 9, 'K': 10, 'L': 11, 'M': 12,
	'N': 13, 'O': 14, 'P': 15, 'Q': 16, 'R': 17, 'S': 18, 'T': 19, 'U': 20, 'V': 21, 'W': 22, 'X': 23, 'Y': 24, 'Z': 25,
	'a': 26, 'b': 27, 'c': 28, 'd': 29, 'e': 30, 'f': 31, 'g': 32, 'h': 33, 'i': 34, 'j': 35, 'k': 36, 'l': 37, 'm': 38,
	'n': 39, 'o': 40, 'p': 41, 'q': 42, 'r': 43, 's': 44, 't': 45, 'u': 46, 'v': 47, 'w': 48, 'x': 49, 'y': 50, 'z': 51,
	'0': 52, '1': 53, '2': 54, '3': 55, '4': 56, '5': 57, '6': 58, '7': 59, '8': 60, '9': 61,
	'+': 62, '-': 62, '/': 63, '_': 63,
}

// A run is base64 in a text.
type run struct {
	start, end int
	joined     []byte // without breaks of lines and padding
}

// runAt returns the run that has the byte at this index in its first line, and buf with what
// was joined appended, if it has more of them.
func runAt(text []byte, at int, buf []byte) (run, []byte) {
	start, end := at, at
	for start > 0 && shapes.IsBase64(text[start-1]) {
		start--
	}
	line := start
	for {
		for end < len(text) && shapes.IsBase64(text[end]) {
			end++
		}
		next := end + lineBreak(text[end:])
		if end-line < minLine || next == end || next == len(text) || !shapes.IsBase64(text[next]) {
			break
		}
		buf = append(buf, text[line:end]...)
		line, end = next, next
	}
	joined := text[start:end]
	if line > start {
		buf = append(buf, text[line:end]...)
		joined = buf
	}
	for n := 0; n < 2 && end < len(text) && text[end] == '='; n++ {
		end++
	}
	return run{start, end, joined}, buf
}

// breaks are those of lines, as they are and as they are in strings in strings.
var breaks = [...]string{"\n", "\r\n", `\n`, `\r\n`, `\\n`, `\\r\\n`, `\\\\n`, `\\\\r\\\\n`}

// lineBreak returns how long the break is with which text begins, and what indents the next
// line.
func lineBreak(text []byte) int {
	for _, b := range breaks {
		if len(text) >= len(b) && string(text[:len(b)]) == b {
			return len(text) - len(bytes.TrimLeft(text[len(b):], " \t"))
		}
	}
	return 0
}

// appendDecoded appends what base64 stands for. A last character that is not whole is left
// out.
func appendDecoded(dst, base64 []byte) []byte {
	dst = slices.Grow(dst, len(base64)*3/4)
	bits, n := uint32(0), 0
	for _, c := range base64 {
		bits = bits<<6 | uint32(sextets[c])
		if n += 6; n >= 8 {
			n -= 8
			dst = append(dst, byte(bits>>n))
		}
	}
	return dst
}

// encodings calls found with what a run may stand for, where that is text or has a keyword,
// until found returns false, which it then returns.
func (s *Set) encodings(p *scratch, r run, found func(decoded []byte) bool) bool {
	var seen [4]bool // of each index of the run at which base64 may begin
	at := func(first int) bool {
		if seen[first] {
			return true
		}
		seen[first] = true
		p.decoded = appendDecoded(p.decoded[:0], r.joined[first:])
		return found(p.decoded)
	}
	for first := range seen {
		if isText(r.joined[first:]) && !at(first) {
			return false
		}
	}
	s.encode.Do(s.makeEncoded)
	return s.encoded.Each(r.joined, func(word, i int) bool { return at((i - s.offsets[word]) & 3) })
}

// isText reports whether base64 begins with what stands for text.
func isText(base64 []byte) bool {
	const enough = 24
	bits, n := uint32(0), 0
	for _, c := range base64[:min(enough, len(base64))] {
		bits = bits<<6 | uint32(sextets[c])
		if n += 6; n >= 8 {
			n -= 8
			if c := byte(bits >> n); (c < ' ' || c > '~') && c != '\n' && c != '\r' && c != '\t' {
				return false
			}
		}
	}
	return true
}
