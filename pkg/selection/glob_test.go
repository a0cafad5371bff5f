package selection_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"auditctl/pkg/selection"
)

func TestGlob(t *testing.T) {
	for _, test := range []struct {
		glob      string
		match, no []string
	}{
		{"", []string{""}, []string{"a", " "}},
		{"error", []string{"error"}, []string{"", "errors", "an error", "Error"}},
		{"*", []string{"", "a", "a\nb", "äöü"}, nil},
		{"**", []string{"", "abc"}, nil},
		{"tool_call_*", []string{"tool_call_", "tool_call_attempt"}, []string{"tool_call", "a tool_call_attempt"}},
		{"*_decision", []string{"sandbox_decision", "_decision"}, []string{"sandbox_decisions"}},
		{"*a*b*", []string{"ab", "xaxbx", "aab", "baab"}, []string{"ba", "a", ""}},
		{"*ab", []string{"ab", "aab", "abab"}, []string{"aba", "b"}},
		{"a*a", []string{"aa", "aba", "aaa"}, []string{"a", "ab"}},
		{"a*aab", []string{"aaab", "aaaab", "axaab"}, []string{"aab", "aaba"}},
		{"?", []string{"a", "ä", "😀", "\n"}, []string{"", "ab"}},
		{"a?c", []string{"abc", "a?c", "aéc"}, []string{"ac", "abbc"}},
		{"*?", []string{"a", "ab"}, []string{""}},
		{"?*?", []string{"ab", "abc"}, []string{"a", ""}},
		{"*😀*", []string{"😀", "a😀b"}, []string{"😁"}},
		{"[abc]", []string{"a", "b", "c"}, []string{"", "d", "ab", "[abc]"}},
		{"[a-cx]", []string{"a", "b", "c", "x"}, []string{"d", "-"}},
		{"[!a-c]", []string{"d", "!", "ä"}, []string{"a", "", "dd"}},
		{"[^a-c]", []string{"d", "^"}, []string{"b"}},
		{"[a!^]", []string{"a", "!", "^"}, []string{"b"}},
		{"[]a]", []string{"]", "a"}, []string{"b", "[]a]"}},
		{"[!]a]", []string{"b"}, []string{"]", "a"}},
		{"[a-]", []string{"a", "-"}, []string{"b"}},
		{"[-a]", []string{"a", "-"}, []string{"b"}},
		{"[!-]", []string{"a"}, []string{"-"}},
		{"[--/]", []string{"-", ".", "/"}, []string{"0", ","}},
		{"[a-c-e]", []string{"a", "c", "-", "e"}, []string{"d"}},
		{`[\]]`, []string{"]"}, []string{`\`, "a"}},
		{`[\!a]`, []string{"!", "a"}, []string{"b", `\`}},
		{`[a\-c]`, []string{"a", "-", "c"}, []string{"b", `\`}},
		{`[\a-\c]`, []string{"a", "b", "c"}, []string{`\`, "-"}},
		{"[*?]", []string{"*", "?"}, []string{"a", ""}},
		{"[α-ω]*", []string{"λ", "λx"}, []string{"x"}},
		{"[0-9][0-9]", []string{"42"}, []string{"4", "4x"}},
		{`\*`, []string{"*"}, []string{"a", `\*`}},
		{`a\?`, []string{"a?"}, []string{"ab"}},
		{`\[a]`, []string{"[a]"}, []string{"a"}},
		{`\\`, []string{`\`}, []string{`\\`}},
		{`\é`, []string{"é"}, []string{`\é`}},
		{"a]", []string{"a]"}, nil},
		{"*\\**", []string{"*", "a*b"}, []string{"ab"}},
	} {
		t.Run(test.glob, func(t *testing.T) {
			g, err := selection.ParseGlob(test.glob)
			if err != nil {
				t.Fatal(err)
			}
			if g.String() != test.glob {
				t.Errorf("String is %q, want %q", g.String(), test.glob)
			}
			for _, text := range test.match {
				if !g.Match([]byte(text)) {
					t.Errorf("does not match %q", text)
				}
			}
			for _, text := range test.no {
				if g.Match([]byte(text)) {
					t.Errorf("matches %q", text)
				}
			}
		})
	}
}

// A mismatch takes time in proportion to both lengths, not a power of them.
func TestGlobBacktracksLittle(t *testing.T) {
	g, err := selection.ParseGlob(strings.Repeat("*a", 200) + "b")
	if err != nil {
		t.Fatal(err)
	}
	if g.Match([]byte(strings.Repeat("a", 2000))) {
		t.Error("matches")
	}
}

func TestParseGlobErrors(t *testing.T) {
	for _, test := range []struct{ glob, want string }{
		{"[", `glob "[": the bracket is not closed`},
		{"a[bc", `glob "a[bc": the bracket is not closed`},
		{"[]", `glob "[]": the bracket is not closed`},
		{"[!]", `glob "[!]": the bracket is not closed`},
		{"[a-", `glob "[a-": the bracket is not closed`},
		{`[a\]`, `glob "[a\\]": the bracket is not closed`},
		{`[\`, `glob "[\\": the bracket is not closed`},
		{"[z-a]", `glob "[z-a]": z comes after a`},
		{`\`, `glob "\\": nothing follows the backslash`},
		{`a*\`, `glob "a*\\": nothing follows the backslash`},
	} {
		t.Run(test.glob, func(t *testing.T) {
			_, err := selection.ParseGlob(test.glob)
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func TestParseGlobs(t *testing.T) {
	for _, test := range []struct {
		list string
		want []string
	}{
		{"a", []string{"a"}},
		{"a,b*,?", []string{"a", "b*", "?"}},
		{`a\,b`, []string{`a\,b`}},
		{`a\,b,c`, []string{`a\,b`, "c"}},
		{`\\,a`, []string{`\\`, "a"}},
		{`\,`, []string{`\,`}},
		{`[a\,b],c`, []string{`[a\,b]`, "c"}},
		{"a, b", []string{"a", " b"}},
		{"é,日本", []string{"é", "日本"}},
	} {
		t.Run(test.list, func(t *testing.T) {
			globs, err := selection.ParseGlobs(test.list)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, g := range globs {
				got = append(got, g.String())
			}
			if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestParseGlobsEscapedComma(t *testing.T) {
	globs, err := selection.ParseGlobs(`a\,b,[c\,]`)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		want bool
	}{
		{"a,b", true}, {`a\,b`, false}, {"c", true}, {",", true}, {"a", false},
	} {
		got := globs[0].Match([]byte(test.text)) || globs[1].Match([]byte(test.text))
		if got != test.want {
			t.Errorf("%q: %v, want %v", test.text, got, test.want)
		}
	}
}

func TestParseGlobsErrors(t *testing.T) {
	for _, test := range []struct{ list, want string }{
		{"", `an empty glob in ""`},
		{",", `an empty glob in ","`},
		{"a,", `an empty glob in "a,"`},
		{",a", `an empty glob in ",a"`},
		{"a,,b", `an empty glob in "a,,b"`},
		{"a,[b", `glob "[b": the bracket is not closed`},
		{`\`, `glob "\\": nothing follows the backslash`},
		{`a\`, `glob "a\\": nothing follows the backslash`},
		{`a,b\`, `glob "b\\": nothing follows the backslash`},
	} {
		t.Run(test.list, func(t *testing.T) {
			globs, err := selection.ParseGlobs(test.list)
			if err == nil {
				t.Fatalf("no error, and %d globs", len(globs))
			}
			if err.Error() != test.want {
				t.Errorf("error %q, want %q", err, test.want)
			}
		})
	}
}

// FuzzGlob compares globs with regular expressions that say the same.
func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{
		{"tool_call_*", "tool_call_attempt"},
		{"*a*b*c", "aabbcc"},
		{"a?c*", "aéc"},
		{"[!a-c]]*", "d]"},
		{`[]\-a-]\*`, "-*"},
		{"[", "["},
		{`\`, `\`},
		{"*[α-ω]?", "xλy"},
		{"*aab*ab", "aaabaabab"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			t.Skip()
		}
		expr, valid := translate(pattern)
		g, err := selection.ParseGlob(pattern)
		if (err == nil) != valid {
			t.Fatalf("glob %q: error %v, and the translation says valid: %v", pattern, err, valid)
		}
		if !valid {
			return
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			t.Skip(err) // too large
		}
		// A text made of the pattern is more likely to match.
		for _, text := range []string{text, pattern, pattern + text, text + pattern} {
			if got, want := g.Match([]byte(text)), re.MatchString(text); got != want {
				t.Errorf("glob %q, text %q: %v, but %s says %v", pattern, text, got, expr, want)
			}
		}
	})
}

// translate spells a glob as a regular expression. It reports false if the glob
// is not one.
func translate(pattern string) (expr string, valid bool) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	p := []rune(pattern)
	for i := 0; i < len(p); i++ {
		switch p[i] {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		case '[':
			end := translateSet(&b, p[i+1:])
			if end < 0 {
				return "", false
			}
			i += end
		case '\\':
			if i++; i == len(p) {
				return "", false
			}
			fallthrough
		default:
			b.WriteString(regexp.QuoteMeta(string(p[i])))
		}
	}
	b.WriteString(`\z`)
	return b.String(), true
}

// translateSet translates the set after its opening bracket and returns how
// many runes it has with the closing one, or -1.
func translateSet(b *strings.Builder, p []rune) int {
	// What each rune says, and whether it follows a backslash.
	var set []rune
	var quoted []bool
	i := 0
	for ; i < len(p); i++ {
		negation := 0
		if len(set) > 0 && !quoted[0] && (set[0] == '!' || set[0] == '^') {
			negation = 1
		}
		if p[i] == ']' && len(set) > negation {
			break
		}
		q := p[i] == '\\' && i+1 < len(p)
		if q {
			i++
		}
		set, quoted = append(set, p[i]), append(quoted, q)
	}
	if i >= len(p) {
		return -1
	}
	b.WriteString("[")
	at := 0
	if !quoted[0] && (set[0] == '!' || set[0] == '^') {
		b.WriteString("^")
		at = 1
	}
	for ; at < len(set); at++ {
		from, to := set[at], set[at]
		if at+2 < len(set) && set[at+1] == '-' && !quoted[at+1] {
			to = set[at+2]
			at += 2
		}
		if to < from {
			return -1
		}
		fmt.Fprintf(b, `\x{%x}-\x{%x}`, from, to)
	}
	b.WriteString("]")
	return i + 1
}
