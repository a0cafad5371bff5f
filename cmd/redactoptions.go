package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"auditctl/cmd/internal/flow"
	"auditctl/cmd/internal/redaction"
	"auditctl/cmd/internal/report"
	"auditctl/pkg/redact"
	"auditctl/pkg/redact/rule"
	"auditctl/pkg/seal"
)

// redactOptions are the flags for what is not passed on.
type redactOptions struct {
	keys              []string
	secrets, personal ruleMode
	rules             []string
	keyFile           string
	invalid           string
	mark              bool
}

// redactHint is what the help of commands says about these flags.
const redactHint = `--redact, --redact-secrets and --redact-personal take out of events what must
not be kept, after they were selected, see redact.`

// register adds the flags; --redact-invalid only for a command that reads lines.
func (o *redactOptions) register(cmd *cobra.Command, lines bool) {
	fs := cmd.Flags()
	fs.StringArrayVar(&o.keys, "redact", nil, "redact the values of `KEY,...[=MODE]`: mask, drop, hmac or length; repeatable")
	fs.Var(&o.secrets, "redact-secrets", "redact keys, tokens, passwords and the like: mask, hmac, length or off")
	fs.Var(&o.personal, "redact-personal", "redact mail addresses, telephone and card numbers, IP addresses")
	for _, flag := range []string{"redact-secrets", "redact-personal"} {
		fs.Lookup(flag).NoOptDefVal = "mask"
		completeWords(cmd, flag, "mask", "hmac", "length", "off")
	}
	fs.StringArrayVar(&o.rules, "redact-rules", nil, "redact what the rules in `FILE` find as well, in gitleaks' TOML; repeatable")
	fs.StringVar(&o.keyFile, "redact-key", "", "secret key for hmac, in `FILE`: at least 16 bytes")
	fs.BoolVar(&o.mark, "redact-mark", false, "say in metadata.redacted what was redacted")
	o.invalid = "hash"
	if lines {
		fs.StringVar(&o.invalid, "redact-invalid", "hash", "what is left of lines that are not events: their length and `hash|raw`")
		completeWords(cmd, "redact-invalid", "hash", "raw")
	}
	groupFlags(cmd, flagsForRedaction)
	completeFlag(cmd, "redact", completeRedact)
}

// completeRedact offers keys, and modes after a =.
func completeRedact(args []string, toComplete string) (words []string, _ cobra.ShellCompDirective) {
	if keys, _, ok := strings.Cut(toComplete, "="); ok {
		for _, mode := range redactModes {
			words = append(words, keys+"="+mode)
		}
		return words, asOrdered
	}
	return keyWords(args, toComplete, dotted), wordsOnly | cobra.ShellCompDirectiveNoSpace
}

// apply makes f redact what the flags say.
func (o *redactOptions) apply(f *flow.Flow) (err error) {
	f.Redaction, err = o.redaction(f.Reports)
	return err
}

// redaction returns what the flags say, nil if nothing is redacted. From then on, messages
// are without secrets as well.
func (o *redactOptions) redaction(reports *report.Reporter) (*redaction.Redaction, error) {
	r, err := o.redactor(reports)
	if r == nil || err != nil {
		return nil, err
	}
	return &redaction.Redaction{Redactor: r, RawInvalid: o.invalid == "raw"}, nil
}

func (o *redactOptions) redactor(reports *report.Reporter) (*redact.Redactor, error) {
	if o.invalid != "hash" && o.invalid != "raw" {
		return nil, usagef("--redact-invalid=%s: %w", o.invalid, notOneOf(o.invalid, "hash", "raw"))
	}
	bySecrets := o.secrets.on || len(o.rules) > 0 && !o.secrets.off
	if len(o.keys) == 0 && !bySecrets && !o.personal.on && len(o.rules) == 0 {
		return nil, o.refuseUnused()
	}
	opts := redact.Options{
		Mode: o.secrets.mode, PersonalMode: o.personal.mode, SecretNames: bySecrets, Mark: o.mark, RawInvalid: o.invalid == "raw",
	}
	var err error
	if opts.Keys, err = parseRedact(o.keys); err != nil {
		return nil, err
	}
	if opts.Secret, err = o.secret(opts, reports); err != nil {
		return nil, err
	}
	secrets, personal, err := o.ruleSets(bySecrets, reports)
	if err != nil {
		return nil, err
	}
	opts.Rules = slices.Concat(secrets, personal)
	r, err := redact.New(opts)
	if err != nil {
		return nil, usagef("--redact: %w", err)
	}
	if len(secrets) > 0 {
		reports.Redact(concealing(secrets))
	}
	return r, nil
}

// concealing returns a function that takes secrets out of messages. Personal data stays,
// since messages have addresses of servers.
func concealing(rules []*rule.Rule) func(dst, message []byte) []byte {
	var r *redact.Redactor // made for the first message
	return func(dst, message []byte) []byte {
		if r == nil {
			var err error
			if r, err = redact.New(redact.Options{Rules: rules}); err != nil { // which New with the same rules did not have
				panic(err)
			}
		}
		return r.AppendText(dst, message)
	}
}

// refuseUnused refuses flags that have no effect.
func (o *redactOptions) refuseUnused() error {
	unused := ""
	switch {
	case o.keyFile != "":
		unused = "redact-key"
	case o.mark:
		unused = "redact-mark"
	case o.invalid == "raw":
		unused = "redact-invalid"
	default:
		return nil
	}
	return usagef("--%s: nothing is redacted: add --redact, --redact-secrets or --redact-personal", unused)
}

// ruleSets returns the rules for secrets, with those of --redact-rules, and those for
// personal data.
func (o *redactOptions) ruleSets(bySecrets bool, reports *report.Reporter) (secrets, personal []*rule.Rule, err error) {
	if bySecrets {
		secrets = rule.Secrets()
	}
	if o.personal.on {
		personal = rule.Personal()
	}
	for _, path := range o.rules {
		text, err := readRules(path)
		if err != nil {
			return nil, nil, usagef("--redact-rules: %w", err)
		}
		own, err := rule.ParseGitleaks(text)
		if err != nil {
			return nil, nil, usagef("--redact-rules %s: %w", path, err)
		}
		if n := len(own.LeftOut); n > 0 {
			reports.Printf("--redact-rules %s: %s left out, which gitleaks does not report, or are about names of files: %s",
				path, report.Counted(int64(n), "rule"), report.Shortened(strings.Join(own.LeftOut, ", ")))
		}
		secrets = own.Extend(secrets)
	}
	return secrets, personal, nil
}

// maxRules is how large a file of rules may be: that of gitleaks has 100 KiB.
const maxRules = 16 << 20

func readRules(path string) ([]byte, error) {
	text, err := seal.ReadFile(path)
	if len(text) > maxRules {
		err = fmt.Errorf("%s is larger than %s: it is no file of rules", path, report.Size(maxRules))
	}
	return text, err
}

// secret returns the key of --redact-key, which hmac needs.
func (o *redactOptions) secret(opts redact.Options, reports *report.Reporter) ([]byte, error) {
	if o.keyFile != "" {
		return readRedactKey(o.keyFile, reports)
	}
	by := ""
	switch {
	case o.secrets.on && opts.Mode == redact.HMAC:
		by = "--redact-secrets=hmac"
	case o.personal.on && opts.PersonalMode == redact.HMAC:
		by = "--redact-personal=hmac"
	case slices.ContainsFunc(opts.Keys, func(k redact.Keys) bool { return k.Mode == redact.HMAC }):
		by = "--redact ...=hmac"
	default:
		return nil, nil
	}
	return nil, usagef("%s: without a key, short values are found by trying: add --redact-key FILE", by)
}

// readRedactKey reads a key of HMACs: what is in a file, but for a line feed at its end.
func readRedactKey(path string, reports *report.Reporter) ([]byte, error) {
	data, err := seal.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENAMETOOLONG): // what is no path may be the key
		return nil, usagef("--redact-key: no such file: want the name of a file with the key, not the key")
	case err != nil:
		return nil, usagef("--redact-key: %w", err)
	}
	key := trimNewline(data)
	if len(key) < redact.MinSecret {
		return nil, usagef("--redact-key: %s has only %s: make one with 'head -c 32 /dev/urandom > FILE'", path, report.Counted(int64(len(key)), "byte"))
	}
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() && st.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		reports.Printf("--redact-key: others may read %s: take that away with chmod go= %s", path, path)
	}
	return key, nil
}

// trimNewline returns text without a line feed at its end.
func trimNewline(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\n' {
		text = text[:n-1]
		if n > 1 && text[n-2] == '\r' {
			text = text[:n-2]
		}
	}
	return text
}

// redactModes are the modes of --redact.
var redactModes = [...]string{redact.Mask: "mask", redact.Drop: "drop", redact.HMAC: "hmac", redact.Length: "length"}

// parseRedact parses the values of --redact, KEY,...[=MODE].
func parseRedact(values []string) (all []redact.Keys, err error) {
	for _, value := range values {
		keys, mode := value, redact.Mask
		if i := strings.LastIndexByte(value, '='); i >= 0 {
			word := value[i+1:]
			n := slices.Index(redactModes[:], word)
			if n < 0 {
				return nil, usagef("--redact %q: %w", brief(value), notOneOf(word, redactModes[:]...))
			}
			keys, mode = value[:i], redact.Mode(n)
		}
		patterns, err := splitPatterns(keys)
		if err != nil {
			return nil, usagef("--redact %q: %w", brief(value), err)
		}
		if mode == redact.Drop && slices.ContainsFunc(patterns, func(p string) bool { return strings.EqualFold(p, "event_type") }) {
			return nil, usagef("--redact %q: an event without event_type is none: use another mode", brief(value))
		}
		all = append(all, redact.Keys{Patterns: patterns, Mode: mode})
	}
	return all, nil
}

// splitPatterns splits a list at its commas, but for those after a backslash.
func splitPatterns(list string) (patterns []string, err error) {
	var pattern strings.Builder
	add := func() {
		if pattern.Len() == 0 {
			err = errors.New("a key is empty")
		}
		patterns = append(patterns, pattern.String())
		pattern.Reset()
	}
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == ',':
			add()
			continue
		case c == '\\' && i+1 < len(list):
			if i++; list[i] != ',' {
				pattern.WriteByte(c)
			}
		}
		pattern.WriteByte(list[i])
	}
	add()
	return patterns, err
}

// A ruleMode is a flag that switches rules on, and says what is left of what they find.
type ruleMode struct {
	on, off bool // by the flag
	mode    redact.Mode
}

var _ pflag.Value = (*ruleMode)(nil)

func (m *ruleMode) Type() string { return "MODE" }

func (m *ruleMode) String() string {
	switch {
	case m.on:
		return redactModes[m.mode]
	case m.off:
		return "off"
	}
	return ""
}

func (m *ruleMode) Set(text string) error {
	modes := []redact.Mode{redact.Mask, redact.HMAC, redact.Length}
	i := slices.IndexFunc(modes, func(mode redact.Mode) bool { return redactModes[mode] == text })
	switch {
	case i >= 0:
		*m = ruleMode{on: true, mode: modes[i]}
	case text == "off":
		*m = ruleMode{off: true}
	default:
		return notOneOf(text, "mask", "hmac", "length", "off")
	}
	return nil
}
