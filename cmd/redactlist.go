package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"

	"auditctl/cmd/internal/terminal"
	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
)

// A listedRule is a rule as --list prints it.
type listedRule struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Kind    string   `json:"kind"`
	Checked bool     `json:"checked"` // more than its form is
	Regexp  string   `json:"regexp,omitempty"`
	Words   []string `json:"keywords,omitempty"`
}

// runRedactList lists the rules.
func runRedactList(s Streams, o *redactCmdOptions, files []string) error {
	if len(files) > 0 {
		return usagef("--list reads no FILE")
	}
	o.personal.on = true
	secrets, personal, err := o.ruleSets(!o.secrets.off, s.reporter())
	if err != nil {
		return err
	}
	rules := []listedRule{{ID: redact.SecretName, Title: "Value of a key such as password or GITHUB_TOKEN", Kind: "secret"}}
	for _, r := range secrets {
		rules = append(rules, listed(r, "secret"))
	}
	for _, r := range personal {
		rules = append(rules, listed(r, "personal"))
	}
	var out bytes.Buffer
	if o.json {
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		for _, r := range rules {
			if err := e.Encode(r); err != nil {
				return err
			}
		}
		_, err = s.Out.Write(terminal.EscapeJSON(out.Bytes()))
		return err
	}
	width := 0
	for _, r := range rules {
		width = max(width, len(r.ID))
	}
	for _, r := range rules {
		checked := ""
		if r.Checked {
			checked = ", checked"
		}
		fmt.Fprintf(&out, "%-*s  %-8s  %s%s\n", width, r.ID, r.Kind, r.Title, checked)
	}
	_, err = terminal.Guard(s.Out).Write(out.Bytes())
	return err
}

func listed(r *rule.Rule, kind string) listedRule {
	return listedRule{r.ID, r.Title, kind, r.Check != nil, r.Regexp, r.Keywords}
}
