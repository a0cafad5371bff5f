package redact_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
	"auditctl/testdata/secrets"
)

// Of 400 secrets, some of each rule, nothing is left, wherever they are in a line.
func TestCorpus(t *testing.T) {
	t.Parallel()
	all := slices.Concat(secrets.Of(rule.Secrets(), 400), secrets.Of(rule.Personal(), 40))
	traces := secrets.NewTraces(all)
	for _, place := range secrets.Places {
		t.Run(place.Name, func(t *testing.T) {
			t.Parallel()
			r := builtin(t, redact.Options{})
			for _, s := range all {
				for _, line := range place.Hide(s) {
					if _, _, found := traces.Find([]byte(line)); !found {
						t.Fatalf("%s: the test does not find it in %s", s.Rule, line)
					}
					redacted := redactLine(r, line)
					if !json.Valid(redacted) {
						t.Errorf("%s: %s\nbecomes invalid: %s", s.Rule, line, redacted)
					}
					if of, trace, found := traces.Find(redacted); found {
						t.Errorf("%s: %s\nof %s leaves %q: %s", s.Rule, line, of.Rule, trace, redacted)
					}
				}
			}
		})
	}
}

// redactLine returns what is left of a line, which need not be valid.
func redactLine(r *redact.Redactor, line string) []byte {
	if !json.Valid([]byte(line)) {
		return r.AppendInvalid(nil, []byte(line))
	}
	if redacted, changed := r.Append(nil, []byte(line)); changed {
		return redacted
	}
	return []byte(line)
}

// A preview that ends within a secret has nothing of it, if its beginning says what it is.
func TestCutSecrets(t *testing.T) {
	t.Parallel()
	all := slices.DeleteFunc(secrets.Of(rule.Secrets(), 400), func(s secrets.Secret) bool {
		return !s.Known || len(s.Value) < 24 || len(s.Value) > 150
	})
	if len(all) < 200 {
		t.Fatalf("only %d secrets begin with a keyword", len(all))
	}
	traces := secrets.NewTraces(all)
	r := builtin(t, redact.Options{})
	for _, s := range all {
		for _, before := range []string{"", `{"path":"a","command":"echo `, `{\"a\":[{\"b\":\"`} {
			preview := before + strings.Repeat("so ", 100)
			cut := s.Value[:len(s.Value)*3/4]
			preview = preview[:200-len(cut)-1] + " " + cut
			line := `{"event_type":"tool_call_attempt","arguments_preview":` + quote(preview) + `}`
			redacted := redactLine(r, line)
			if of, trace, found := traces.Find(redacted); found {
				t.Errorf("%s: %s\nof %s leaves %q: %s", s.Rule, line, of.Rule, trace, redacted)
			}
			if !json.Valid(redacted) {
				t.Errorf("%s\nbecomes invalid: %s", line, redacted)
			}
		}
	}
}
