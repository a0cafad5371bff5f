package rule_test

import (
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact/rule"
)

func TestGitleaks(t *testing.T) {
	const acme = "[[rules]]\nid = \"acme\"\nregex = '''acme_([a-z]+)(\\d+)'''\nkeywords = [\"acme_\"]\n"
	for name, test := range map[string]struct {
		toml, text string
		want       []string
	}{
		"first group": {acme, "acme_abc12", []string{"acme: abc"}},
		"secretGroup": {acme + "secretGroup = 2", "acme_abc12", []string{"acme: 12"}},
		"no group":    {"[[rules]]\nid = \"a\"\nregex = 'a[0-9]+'", "ba12", []string{"a: a12"}},
		"entropy":     {acme + "entropy = 1.5", "acme_aaab12 acme_abcd34", []string{"acme: abcd"}},
		"upper case":  {acme + "description = \"x\"\ntags = [\"a\"]", "ACME_abc12", nil},
		"keyword elsewhere": {
			"[[rules]]\nid = \"hex\"\nregex = '''\\b[0-9a-f]{12}\\b'''\nkeywords = [\"Acme\"]",
			"the key of acme, a long name for it, is 0123456789ab", []string{"hex: 0123456789ab"},
		},
		"keyword nowhere":   {"[[rules]]\nid = \"hex\"\nregex = '''\\b[0-9a-f]{12}\\b'''\nkeywords = [\"acme\"]", "0123456789ab", nil},
		"keyword of others": {"[[rules]]\nid = \"a\"\nregex = 'ключ\\d+'\nkeywords = [\"ключ\"]", "ключ12", []string{"a: ключ12"}},
		"regexes":           {acme + "[rules.allowlist]\nregexes = ['^ab']", "acme_abc12 acme_xyz12", []string{"acme: xyz"}},
		"of the match":      {acme + "[[rules.allowlists]]\nregexTarget = \"match\"\nregexes = ['13$']", "acme_abc12 acme_xyz13", []string{"acme: abc"}},
		"of the line":       {acme + "[[rules.allowlists]]\nregexTarget = \"line\"\nregexes = ['test']", "acme_abc12 test\nacme_xyz13", []string{"acme: xyz"}},
		"stopwords":         {acme + "[[rules.allowlists]]\nstopwords = [\"EXAMPLE\"]", "acme_anexample12 acme_xyz13", []string{"acme: xyz"}},
		"condition": {
			acme + "[[rules.allowlists]]\ncondition = \"AND\"\nregexes = ['^a']\nstopwords = [\"b\"]",
			"acme_ab12 acme_ac12 acme_cb12", []string{"acme: ac", "acme: cb"},
		},
		"condition with paths":   {acme + "[[rules.allowlists]]\ncondition = \"AND\"\nregexes = ['^a']\npaths = ['x']", "acme_ab12", []string{"acme: ab"}},
		"condition with commits": {acme + "[[rules.allowlists]]\ncondition = \"AND\"\nregexes = ['^a']\ncommits = ['x']", "acme_ab12", []string{"acme: ab"}},
		"paths alone":            {acme + "[[rules.allowlists]]\npaths = ['.*']", "acme_ab12", []string{"acme: ab"}},
		"for all":                {acme + "[allowlist]\nregexes = ['^ab']", "acme_abc12 acme_xyz12", []string{"acme: xyz"}},
		"for some": {
			acme + "[[rules]]\nid = \"other\"\nregex = 'b\\d+'\n[[allowlists]]\ntargetRules = [\"other\"]\nregexes = ['b1']",
			"acme_xyz12 b12", []string{"acme: xyz"},
		},
	} {
		g, err := rule.ParseGitleaks([]byte(test.toml))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := find(newSet(t, g.Rules...), test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: in %q are %q, want %q", name, test.text, got, test.want)
		}
	}
}

func TestGitleaksErrors(t *testing.T) {
	for text, want := range map[string]string{
		"[[rules]]\nid = \"a\nregex = 'b'":                                     "line 2, column ",
		"[[rules]]\nid = \"a\"\nregexp = 'b'":                                  "line 3, column 1: rules.regexp is no key of gitleaks",
		"[[rules]]\nid = \"a\"\nregex = 7":                                     "line 3, column ",
		"[[rules]]\nid = \"a\"\nregex = 'b('":                                  "rule a: regex: error parsing regexp",
		"[[rules]]\nid = \"a\"\nregex = 'b(?=c)'":                              "rule a: regex: error parsing regexp: invalid or unsupported Perl syntax",
		"[[rules]]\nid = \"a\"\nregex = 'b'\nsecretGroup = 1":                  "rule a: secretGroup is 1, but regex has 0 groups",
		"[[rules]]\nid = \"a\"":                                                "rule a: has no regex",
		"[[rules]]\nregex = 'b'":                                               "rule 1 has no id",
		"[[rules]]\nid = \"a\"\nregex = 'b'\n[[rules]]\nid = \"a\"\nregex='c'": "rule a is there twice",
		"[extend]\npath = \"other.toml\"":                                      "extend.path and extend.url are not read",
		"[allowlist]\nregexes = ['(']":                                         "allowlist: error parsing regexp",
		"[allowlist]\ncondition = \"XOR\"":                                     "allowlist: condition is \"XOR\", want AND or OR",
		"[allowlist]\nregexTarget = \"path\"":                                  "allowlist: regexTarget is \"path\", want secret, match or line",
	} {
		if _, err := rule.ParseGitleaks([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want %s", text, err, want)
		}
	}
}

func TestGitleaksExtend(t *testing.T) {
	parse := func(text string) *rule.Gitleaks {
		g, err := rule.ParseGitleaks([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	const own = "[[rules]]\nid = \"jwt\"\nregex = 'J'\n[[rules]]\nid = \"p12\"\npath = 'p12$'\n[[rules]]\nid = \"part\"\nregex = 'x'\nskipReport = true\n"
	g := parse(own)
	if want := []string{"p12", "part"}; !slices.Equal(g.LeftOut, want) {
		t.Errorf("left out are %q, want %q", g.LeftOut, want)
	}
	if got := g.Extend(nil); len(got) != 1 {
		t.Errorf("alone it has %d rules, want 1", len(got))
	}
	all := len(rule.Secrets())
	if got := g.Extend(rule.Secrets()); len(got) != all || got[0].Regexp != "J" {
		t.Errorf("%d rules, of which the first is %v; want %d, its own first", len(got), got[0], all)
	}
	g = parse("[extend]\nuseDefault = true\ndisabledRules = [\"jwt\", \"email\"]\n[allowlist]\nstopwords = [\"abc\"]")
	got := g.Extend(nil)
	if len(got) != all-1 {
		t.Errorf("with the default it has %d rules, want %d", len(got), all-1)
	}
	set := newSet(t, got...)
	if found := find(set, "DB_PASSWORD=x-abc-1 DB_PASSWORD=x-abd-1"); !slices.Equal(found, []string{"env-password: x-abd-1"}) {
		t.Errorf("found %q, want nothing that the list allows", found)
	}
}
