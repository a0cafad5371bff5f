package rule_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"auditctl/pkg/redact/rule"
	"auditctl/testdata/generated"
)

func TestSet(t *testing.T) {
	rules := []*rule.Rule{
		{ID: "token", Regexp: `tok_[a-z]{4,8}`, Keywords: []string{"tok_"}},
		{ID: "assigned", Regexp: `(?i)(?:password|secret) *= *(?:"([^"]+)"|([^ "]+))`, Keywords: []string{"PASSWORD", "secret"}},
		{ID: "even", Regexp: `n=(\d+)(;)?`, Group: 1, Keywords: []string{"n="}, Check: func(s []byte) bool { return s[len(s)-1]%2 == 0 }},
		{ID: "long", Regexp: `-[a-z_]+-[a-z_]+`, Keywords: []string{"-"}},
		{ID: "mixed", Regexp: `key:[a-z]+`, Keywords: []string{"key:"}, Entropy: 2.5},
		{ID: "bare", Regexp: `\b7{5}\b`},
	}
	set, err := rule.NewSet(rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		want []string // rule: secret
	}{
		{"", nil},
		{"nothing", nil},
		{"tok_abcd and tok_efgh", []string{"token: tok_abcd", "token: tok_efgh"}},
		{"TOK_abcd", nil},
		{`Password = "a b" secret=c`, []string{"assigned: a b", "assigned: c"}},
		{"n=12; n=13; n=14", []string{"even: 12", "even: 14"}},
		{"secret=tok_abcd!", []string{"assigned: tok_abcd!"}},
		{"secret=tok_abcd", []string{"token: tok_abcd"}},
		{"a-b-tok_abcdefgh", []string{"long: -b-tok_abcdefgh"}},
		{"-b-tok_abcd-", []string{"long: -b-tok_abcd"}},
		{"-a-tok_ab-secret=xyz", []string{"long: -a-tok_ab", "assigned: xyz"}},
		{"key:aaaaaa key:abcdefgh", []string{"mixed: key:abcdefgh"}},
		{"777777 77777", []string{"bare: 77777"}},
	} {
		var got []string
		for _, m := range set.AppendMatches(nil, []byte(test.text)) {
			got = append(got, m.Rule.ID+": "+test.text[m.Start:m.End])
		}
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("matches in %q are %q, want %q", test.text, got, test.want)
		}
	}
}

// What overlaps the end of a match is not left in the text.
func TestSetMergesOverlaps(t *testing.T) {
	set, err := rule.NewSet([]*rule.Rule{
		{ID: "one", Regexp: `ab+c`, Keywords: []string{"ab"}},
		{ID: "two", Regexp: `bcd`, Keywords: []string{"bcd"}},
		{ID: "three", Regexp: `de?`, Keywords: []string{"d"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := set.AppendMatches([]rule.Match{{1, 2, nil}}, []byte("xabbcdex"))
	if want := []rule.Match{{1, 2, nil}, {1, 7, set.Rules()[0]}}; !reflect.DeepEqual(got, want) {
		t.Errorf("matches are %v, want %v", got, want)
	}
}

func TestSetRefusesKeywords(t *testing.T) {
	for _, word := range []string{"", "é"} {
		if _, err := rule.NewSet([]*rule.Rule{{ID: "x", Regexp: "x", Keywords: []string{word}}}); err == nil {
			t.Errorf("a set with the keyword %q was made", word)
		}
	}
}

func TestSetSuspect(t *testing.T) {
	token := &rule.Rule{ID: "token", Regexp: `tok_[a-z]+`, Keywords: []string{"TOK_"}}
	named := &rule.Rule{ID: "named", Regexp: `pin: ([0-9]+)`, Keywords: []string{"pin"}}
	bare := &rule.Rule{ID: "bare", Regexp: `code: ?([0-9]{4})`}
	shaped := &rule.Rule{ID: "shaped", Regexp: `[+(][0-9]{10}`, Shape: rule.Digits}
	for _, test := range []struct {
		rule *rule.Rule
		text string
		want bool
	}{
		{token, "", false}, {token, "to k_", false}, {token, `{"a":"tok_abc"}`, true}, {token, "tok_ABC", false},
		{token, "tok_", true}, {token, `{"a": "tok_a"}`, true}, {token, `{"a": "tok_", "b": 1}`, false},
		{named, "pin: ", true}, {named, `{"pin":"1"}`, true}, {named, `{"pin" : 1}`, true}, {named, `{"pin":"1"}`, true},
		{named, `{"pins": 1}`, false}, {named, `["pin", 1]`, false}, {named, "pin: x", false},
		{bare, "code: ", true}, {bare, `{"code": 1234}`, true}, {bare, "code: x", false}, {bare, `code:1234`, true}, {bare, "code: 1234", true},
		{shaped, "+1234567890", true}, {shaped, "+ 1234567890", false}, {shaped, `+1234567890`, true}, {shaped, "+123456789", false},
	} {
		if got := newSet(t, test.rule).Suspect([]byte(test.text)); got != test.want {
			t.Errorf("%s: suspect %q is %v, want %v", test.rule.ID, test.text, got, test.want)
		}
	}
}

func BenchmarkSuspect(b *testing.B) {
	set := newSet(b, builtIn()...)
	next := generated.Log()
	var lines [][]byte
	size := 0
	for size < 1<<20 {
		lines = append(lines, bytes.Clone(next()))
		size += len(lines[len(lines)-1])
	}
	b.SetBytes(int64(size))
	suspected := 0
	for b.Loop() {
		for _, line := range lines {
			if set.Suspect(line) {
				suspected++
			}
		}
	}
	b.ReportMetric(float64(suspected)/float64(b.N*len(lines)), "suspected/line")
}

// Texts without secrets cost no memory, once what is needed for them is made.
func TestSetAllocatesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector allocates")
	}
	set := newSet(t, builtIn()...)
	text := []byte(`{"a": "the password file, token and key; 2026-03-09 10:20:30 +02:00, 1.2.3 std::sort ` +
		`c8d04605312f0123456789abcdef0123 dGhlIHBhc3N3b3JkIGZpbGUgYW5kIHRoZSByZXN0IG9mIGl0 ghp_ AKIA sk-"}`)
	var found []rule.Match
	allocs := testing.AllocsPerRun(100, func() {
		if set.Suspect(text) {
			t.Fatalf("%q is suspected", text)
		}
		found = set.AppendMatches(found[:0], text)
	})
	if allocs > 0 || len(found) > 0 {
		t.Errorf("it allocates %v times, and finds %v", allocs, found)
	}
}

// Keywords that JSON escapes are found as they are there.
func TestSetSuspectsEscapedKeywords(t *testing.T) {
	set := newSet(t, &rule.Rule{ID: "slashes", Regexp: `:\\?/\\?/x`, Keywords: []string{"://", `:\/\/`}},
		&rule.Rule{ID: "quoted", Regexp: `pass\s+"x"`, Keywords: []string{`pass "`, "pass\t", "pass\n"}})
	for _, text := range []string{`:\/\/x`, "pass\t\"x\"", `pass "x"`} {
		if found(set, text) == nil {
			t.Errorf("nothing is found in %q", text)
		}
		for range 3 {
			if !set.Suspect([]byte(text)) {
				t.Errorf("%q is not suspected", text)
			}
			b, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			text = string(b)
		}
	}
	if set.Suspect([]byte(`{"a": ":\\", "b": "pass the salt"}`)) {
		t.Error("a text without keywords is suspected")
	}
}

func TestLook(t *testing.T) {
	rules := []*rule.Rule{{ID: "a", Regexp: `tok_[0-9]{4}`, Keywords: []string{"tok_"}}}
	set, err := rule.NewSet(rules, "word", "tok_")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text             string
		suspect, hasWord bool
	}{
		{"nothing", false, false},
		{"a Word", false, true},
		{"tok_x", false, true},
		{"see tok_1234", true, false},
	} {
		suspect, hasWord := set.Look([]byte(c.text))
		if suspect != c.suspect || hasWord != c.hasWord && !suspect {
			t.Errorf("%q: %v, %v", c.text, suspect, hasWord)
		}
		if got := set.AppendMatches(nil, []byte(c.text)); len(got) > 0 != c.suspect {
			t.Errorf("%q: %v", c.text, got)
		}
	}
	if set, err = rule.NewSet(nil, "word"); err != nil {
		t.Fatal(err)
	}
	if suspect, hasWord := set.Look([]byte("a word")); suspect || !hasWord {
		t.Errorf("without rules: %v, %v", suspect, hasWord)
	}
}
