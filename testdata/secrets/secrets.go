// Package secrets makes up secrets and personal data for tests, hides them in lines of logs,
// and finds what is left of them.
package secrets

import (
	"math/rand/v2"
	"slices"
	"strings"

	"auditctl/pkg/redact/rule"
)

// A Secret is a text that has a secret, or something personal, in it.
type Secret struct {
	Rule  string // the ID of the rule that finds it
	Text  string // such as PASSWORD=…
	Value string // the part of Text that must go
	Known bool   // whether Value begins with what can be recognized in base64
}

// Of makes up at least so many secrets, as many of each rule: always the same ones.
func Of(rules []*rule.Rule, least int) []Secret {
	var all []Secret
	each := (least + len(rules) - 1) / len(rules)
	for _, r := range rules {
		// What is drawn for a rule does not depend on the others.
		rng := rand.New(rand.NewChaCha8([32]byte([]byte(r.ID + strings.Repeat(" ", 32))[:32])))
		n := 0
		for text, secret := range r.Examples(rng) {
			if n++; n > each {
				break
			}
			all = append(all, Secret{Rule: r.ID, Text: text, Value: secret, Known: known(r, secret)})
		}
	}
	return all
}

// known reports whether a secret begins with a keyword of its rule, which is long enough to be
// rare in base64.
func known(r *rule.Rule, secret string) bool {
	return slices.ContainsFunc(r.Keywords, func(word string) bool {
		return len(word) >= 4 && strings.HasPrefix(strings.ToLower(secret), strings.ToLower(word))
	})
}
