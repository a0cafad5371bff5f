package rule_test

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact/rule"
)

var encodings = []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding}

// wrap breaks text into lines.
func wrap(text, lineBreak string, n int) string {
	var lines []string
	for line := range slices.Chunk([]byte(text), n) {
		lines = append(lines, string(line))
	}
	return strings.Join(lines, lineBreak)
}

// The secrets of rules that have a known prefix are found in base64, which is found whole.
func TestSetFindsBase64(t *testing.T) {
	all := builtIn()
	set := newSet(t, all...)
	rng := rand.New(rand.NewPCG(5, 6))
	for _, r := range all {
		if !rule.HasPrefixes(r) {
			continue
		}
		n := 0
		for text, secret := range r.Examples(rng) {
			if n++; n > 5 {
				break
			}
			for before := range 4 {
				raw := strings.Repeat("\x00", before) + text + strings.Repeat("\n", rng.IntN(4))
				if found(set, raw) == nil {
					continue // the rule wants the beginning of a line
				}
				encoded := encodings[rng.IntN(len(encodings))].EncodeToString([]byte(raw))
				encoded = wrap(encoded, []string{"\n", "\r\n", "\n    ", `\n`, `\\r\\n`}[rng.IntN(5)], []int{32, 60, 64, 76}[rng.IntN(4)])
				twice := base64.StdEncoding.EncodeToString([]byte(encoded))
				for _, encoded := range []string{encoded, twice} {
					text := `Authorization: Basic "` + encoded + `" again`
					if !set.Suspect([]byte(text)) {
						t.Errorf("%s: %q (%q, %q) is not suspected", r.ID, text, raw, secret)
					}
					if got := found(set, text); !slices.Contains(got, encoded) {
						t.Errorf("%s: in %q (%q) are %q, want all base64", r.ID, text, raw, got)
					}
				}
			}
		}
	}
}

func found(set *rule.Set, text string) []string {
	var all []string
	for _, m := range set.AppendMatches(nil, []byte(text)) {
		all = append(all, text[m.Start:m.End])
	}
	return all
}

func TestSetBoundsBase64(t *testing.T) {
	set := newSet(t, &rule.Rule{ID: "token", Regexp: `tok_[a-z]{8}`, Keywords: []string{"tok_"}})
	text := "tok_abcdefgh, and more"
	for depth, want := range []bool{true, true, true, false} {
		if got := set.Suspect([]byte(text)); got != want {
			t.Errorf("%q, encoded %d times, is suspected: %v", text, depth, got)
		}
		if got := len(found(set, text)) > 0; got != want {
			t.Errorf("in %q, encoded %d times, is something: %v", text, depth, got)
		}
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
}

func TestSetLeavesOtherBase64(t *testing.T) {
	set := newSet(t, builtIn()...)
	rng := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		b := make([]byte, 200)
		for i := range b {
			b[i] = byte(rng.IntN(256))
		}
		if text := base64.StdEncoding.EncodeToString(b); found(set, text) != nil {
			t.Errorf("in %q are %q", text, found(set, text))
		}
	}
	text := base64.StdEncoding.EncodeToString([]byte("ghp_ is how tokens of GitHub begin"))
	if set.Suspect([]byte(text)) {
		t.Errorf("%q is suspected", text)
	}
}

// What is before base64 may look like more of it.
func TestSetFindsBase64AfterOtherText(t *testing.T) {
	set := newSet(t, &rule.Rule{ID: "token", Regexp: `tok_[a-z]{8}`, Keywords: []string{"tok_"}})
	for _, before := range []string{"", "/", "a/", "v1/", "data"} {
		for zeros := range 4 {
			run := before + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", zeros)+"this is tok_abcdefgh"))
			text := "<" + run + ">"
			if got := found(set, text); !slices.Equal(got, []string{run}) {
				t.Errorf("in %q are %q, want all base64", text, got)
			}
			if !set.Suspect([]byte(text)) {
				t.Errorf("%q is not suspected", text)
			}
		}
	}
}
