package rule_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact/rule"
)

func builtIn() []*rule.Rule { return append(rule.Secrets(), rule.Personal()...) }

// Each rule finds the secrets it makes up, and nothing else in the text around them.
func TestExamples(t *testing.T) {
	const each = 50
	for _, r := range builtIn() {
		t.Run(r.ID, func(t *testing.T) {
			t.Parallel()
			set := newSet(t, r)
			n := 0
			for text, secret := range r.Examples(rand.New(rand.NewPCG(1, 2))) {
				if n++; n > each {
					break
				}
				if got := find(set, text); !slices.Equal(got, []string{r.ID + ": " + secret}) {
					t.Fatalf("in %q it finds %q, want %q", text, got, secret)
				}
				if r.Shape == 0 && !hasKeyword(r, text) {
					t.Fatalf("%q has none of the keywords %q", text, r.Keywords)
				}
			}
			if n <= each {
				t.Errorf("it has %d examples, want %d", n, each)
			}
		})
	}
}

func TestMisses(t *testing.T) {
	for _, r := range builtIn() {
		if got := find(newSet(t, r), r.Miss); got != nil {
			t.Errorf("in %q are %q, want nothing", r.Miss, got)
		}
	}
}

// What a rule finds is called by its name, even if other rules find it too.
func TestNames(t *testing.T) {
	secrets, personal := newSet(t, rule.Secrets()...), newSet(t, rule.Personal()...)
	for _, r := range builtIn() {
		set, n := secrets, 0
		if r.Personal {
			set = personal
		}
		for text, secret := range r.Examples(rand.New(rand.NewPCG(3, 4))) {
			if n++; n > 10 {
				break
			}
			if got := find(set, text); !slices.Contains(got, r.ID+": "+secret) {
				t.Errorf("in %q are %q, want %s: %s", text, got, r.ID, secret)
				break
			}
		}
	}
}

func TestRulesAreWhole(t *testing.T) {
	ids := map[string]bool{}
	valid := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range builtIn() {
		if !valid.MatchString(r.ID) || ids[r.ID] {
			t.Errorf("ID %q is not valid, or there twice", r.ID)
		}
		ids[r.ID] = true
		if r.Title == "" || r.Miss == "" || !strings.Contains(r.Hit, "{secret}") {
			t.Errorf("%s lacks a title, a miss, or a hit with {secret}", r.ID)
		}
		if len(r.Keywords) == 0 && r.Shape == 0 {
			t.Errorf("%s has no keywords: it is tried on every text", r.ID)
		}
	}
}

func newSet(t testing.TB, rules ...*rule.Rule) *rule.Set {
	t.Helper()
	set, err := rule.NewSet(rules)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// find returns what the set finds, each with the rule that found it.
func find(set *rule.Set, text string) []string {
	var found []string
	for _, m := range set.AppendMatches(nil, []byte(text)) {
		found = append(found, m.Rule.ID+": "+text[m.Start:m.End])
	}
	return found
}

func hasKeyword(r *rule.Rule, text string) bool {
	lower := strings.ToLower(text)
	return slices.ContainsFunc(r.Keywords, func(word string) bool {
		return strings.Contains(lower, strings.ToLower(word))
	})
}
