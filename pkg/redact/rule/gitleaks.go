package rule

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"auditctl/pkg/internal/keywords"
)

// Gitleaks are rules from a configuration of gitleaks, which is TOML:
//
//	[[rules]]
//	id = "acme-token"
//	description = "Token of Acme"
//	regex = '''\bacme_[0-9a-f]{32}\b'''
//	keywords = ["acme_"]
//
// with secretGroup, entropy and allowlists (regexes, regexTarget, stopwords, condition) of
// rules and of all. A keyword is in the same string as the secret, or in its key. What is
// about files and commits has no meaning here and is left out; a rule that requires others
// finds what it finds without them.
type Gitleaks struct {
	Rules []*Rule

	// LeftOut are the IDs of rules that are not in Rules: those about the names of files,
	// and those that gitleaks does not report.
	LeftOut []string

	useDefault bool     // the built-in rules as well
	disabled   []string // but these
	allow      []allowlist
}

// ParseGitleaks parses a configuration. Keys that it does not know are errors, since one that
// is misspelled would leave secrets where they are.
func ParseGitleaks(text []byte) (*Gitleaks, error) {
	var c gitleaksConfig
	d := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, tomlError(err)
	}
	if c.Extend.Path != "" || c.Extend.URL != "" {
		return nil, errors.New("extend.path and extend.url are not read: name that file as well")
	}
	g := &Gitleaks{useDefault: c.Extend.UseDefault, disabled: c.Extend.DisabledRules}
	if c.Allowlist != nil {
		c.Allowlists = append(c.Allowlists, *c.Allowlist)
	}
	targets := map[string][]allowlist{}
	for _, a := range c.Allowlists {
		parsed, err := a.parse()
		if err != nil {
			return nil, err
		}
		for _, id := range a.TargetRules {
			targets[id] = append(targets[id], parsed)
		}
		if len(a.TargetRules) == 0 {
			g.allow = append(g.allow, parsed)
		}
	}
	seen := map[string]bool{}
	for i, own := range c.Rules {
		if own.ID == "" {
			return nil, fmt.Errorf("rule %d has no id", i+1)
		}
		if seen[own.ID] {
			return nil, fmt.Errorf("rule %s is there twice", own.ID)
		}
		seen[own.ID] = true
		r, lists, err := own.parse()
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", own.ID, err)
		}
		if r == nil {
			g.LeftOut = append(g.LeftOut, own.ID)
			continue
		}
		g.Rules = append(g.Rules, r.allowing(slices.Concat(lists, targets[r.ID], g.allow)))
	}
	return g, nil
}

// Extend returns rules with those of the configuration, which come first and take the place
// of rules with the same IDs. If the configuration extends the default, rules are Secrets if
// there are none, without those that it disables, and its allowlists are for them as well.
func (g *Gitleaks) Extend(rules []*Rule) []*Rule {
	if g.useDefault && len(rules) == 0 {
		rules = Secrets()
	}
	all := slices.Clone(g.Rules)
	for _, r := range rules {
		if slices.ContainsFunc(g.Rules, func(own *Rule) bool { return own.ID == r.ID }) {
			continue
		}
		if g.useDefault {
			if slices.Contains(g.disabled, r.ID) {
				continue
			}
			r = r.allowing(g.allow)
		}
		all = append(all, r)
	}
	return all
}

// allowing returns a rule that leaves what the lists allow.
func (r *Rule) allowing(lists []allowlist) *Rule {
	if len(lists) == 0 {
		return r
	}
	changed, before := *r, r.Allow
	changed.Allow = func(text []byte, match, secret Span) bool {
		return before != nil && before(text, match, secret) ||
			slices.ContainsFunc(lists, func(a allowlist) bool { return a.allows(text, match, secret) })
	}
	return &changed
}

// gitleaksConfig is the file.
type gitleaksConfig struct {
	Title       string
	Description string
	MinVersion  string
	Extend      struct {
		Path, URL     string
		UseDefault    bool
		DisabledRules []string
	}
	Rules      []gitleaksRule
	Allowlist  *gitleaksAllowlist
	Allowlists []gitleaksAllowlist
}

type gitleaksRule struct {
	ID          string
	Description string
	Regex       string
	Path        string
	SecretGroup int
	Entropy     float64
	Keywords    []string
	Tags        []string
	SkipReport  bool
	Required    []map[string]any
	Allowlist   *gitleaksAllowlist
	Allowlists  []gitleaksAllowlist
}

type gitleaksAllowlist struct {
	Description string
	TargetRules []string
	Condition   string
	Commits     []string
	Paths       []string
	RegexTarget string
	Regexes     []string
	Stopwords   []string
}

// parse returns the rule with its own allowlists, or nil if it is none about text.
func (own *gitleaksRule) parse() (*Rule, []allowlist, error) {
	if own.Allowlist != nil {
		own.Allowlists = append(own.Allowlists, *own.Allowlist)
	}
	var lists []allowlist
	for _, a := range own.Allowlists {
		parsed, err := a.parse()
		if err != nil {
			return nil, nil, err
		}
		lists = append(lists, parsed)
	}
	if own.Regex == "" && own.Path == "" {
		return nil, nil, errors.New("has no regex")
	}
	if own.Regex == "" || own.SkipReport {
		return nil, nil, nil
	}
	tree, err := syntax.Parse(own.Regex, syntax.Perl) // compiled when it is needed
	if err != nil {
		return nil, nil, fmt.Errorf("regex: %w", err)
	}
	if most := tree.MaxCap(); own.SecretGroup < 0 || own.SecretGroup > most {
		return nil, nil, fmt.Errorf("secretGroup is %d, but regex has %d groups", own.SecretGroup, most)
	}
	if slices.ContainsFunc(own.Keywords, func(word string) bool { return !keywords.Valid(word) }) {
		own.Keywords = nil // so that it is tried on every text
	}
	return &Rule{
		ID: own.ID, Title: cmp.Or(own.Description, own.ID),
		Regexp: own.Regex, Group: own.SecretGroup, Keywords: own.Keywords, Entropy: own.Entropy, apart: true,
	}, lists, nil
}

// An allowlist says what is no secret although a rule found it.
type allowlist struct {
	target    string // what regexes are for: secret, match or line
	regexes   []*regexp.Regexp
	stopwords []string
	all       bool // both regexes and stopwords have to be met
	never     bool // and what a text does not have, too
}

func (a *gitleaksAllowlist) parse() (allowlist, error) {
	parsed := allowlist{target: cmp.Or(a.RegexTarget, "secret")}
	switch strings.ToLower(a.Condition) {
	case "", "or", "||":
	case "and", "&&":
		parsed.all = true
		parsed.never = len(a.Paths) > 0 || len(a.Commits) > 0
	default:
		return parsed, fmt.Errorf("allowlist: condition is %q, want AND or OR", a.Condition)
	}
	if !slices.Contains([]string{"secret", "match", "line"}, parsed.target) {
		return parsed, fmt.Errorf("allowlist: regexTarget is %q, want secret, match or line", a.RegexTarget)
	}
	for _, text := range a.Regexes {
		re, err := regexp.Compile(text)
		if err != nil {
			return parsed, fmt.Errorf("allowlist: %w", err)
		}
		parsed.regexes = append(parsed.regexes, re)
	}
	for _, word := range a.Stopwords {
		parsed.stopwords = append(parsed.stopwords, strings.ToLower(word))
	}
	return parsed, nil
}

// allows reports whether what was found is on the list.
func (a *allowlist) allows(text []byte, match, secret Span) bool {
	if a.never {
		return false
	}
	target := text[secret.Start:secret.End]
	switch a.target {
	case "match":
		target = text[match.Start:match.End]
	case "line":
		target = lineOf(text, match)
	}
	byRegex := slices.ContainsFunc(a.regexes, func(re *regexp.Regexp) bool { return re.Match(target) })
	lower := strings.ToLower(string(text[secret.Start:secret.End]))
	byWord := slices.ContainsFunc(a.stopwords, func(word string) bool { return strings.Contains(lower, word) })
	if a.all {
		return (byRegex || len(a.regexes) == 0) && (byWord || len(a.stopwords) == 0) && len(a.regexes)+len(a.stopwords) > 0
	}
	return byRegex || byWord
}

// lineOf returns the lines that match is in.
func lineOf(text []byte, match Span) []byte {
	start := bytes.LastIndexByte(text[:match.Start], '\n') + 1
	rest, _, _ := bytes.Cut(text[match.End:], []byte("\n"))
	return text[start : match.End+len(rest)]
}

// tomlError returns an error that says where in the file it is.
func tomlError(err error) error {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, column := first.Position()
		return fmt.Errorf("line %d, column %d: %s is no key of gitleaks", line, column, strings.Join(first.Key(), "."))
	}
	var invalid *toml.DecodeError
	if errors.As(err, &invalid) {
		line, column := invalid.Position()
		return fmt.Errorf("line %d, column %d: %s", line, column, strings.TrimPrefix(invalid.Error(), "toml: "))
	}
	return err
}
