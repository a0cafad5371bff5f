// Package redact takes out of lines what must not be kept: values by their keys, and secrets
// and personal data by what they look like.
//
// A [Redactor] changes nothing else. White space, the order and spelling of keys, numbers and
// escapes, also those in a string of which a part is redacted, are as they were. A line that
// is valid JSON stays so, and an event stays one: its event_type is redacted as other
// strings, but never dropped.
//
// # Strings
//
// Rules search what strings say, not how they are spelled, so a secret is found across
// escapes. Keys and numbers are searched as well. The value of a key is searched by itself and
// after its key, as password: hunter2, and all of an object for what several members tell.
//
// A string may be JSON itself, as arguments of tools are, and have strings that are JSON. All
// is done there as in the line: paths of keys go on through it, also if it was cut off, as
// previews are, and then what follows a key that is redacted is gone up to the cut. JSON that
// is somewhere in other text is found, too, and dictionaries as Python writes them. Only 8
// strings with escapes may be in each other: what is deeper, which nobody writes, is redacted
// as a whole and counts as [DeepText].
//
// # Keys
//
// A pattern is a path of globs from the top of the line: metadata.*.password. Elements of
// arrays are where their array is. A pattern of one key is for that key anywhere, as if it
// began with "**.", which is any number of keys. Letter case does not matter. A key with dots
// counts as several: tool.name is {"tool.name": …} as well as {"tool": {"name": …}}, and
// password also {"db.password": …}. A dot after a backslash does not make a path from the top:
// tool\.name is for that key anywhere. Of patterns for the same value the first decides.
//
// # What is left
//
// [Mask] leaves "[redacted]", [Length] "[redacted: length 12]" with the number of characters,
// [HMAC] the HMAC of what the string says, "hmac-sha256:" and 64 hexadecimal digits. Numbers,
// objects and other values count as the JSON that they are. What an earlier redaction left
// is not redacted again, but for tags and lengths that are to be masked.
package redact

import (
	"errors"
	"fmt"

	"auditctl/pkg/events"
	"auditctl/pkg/internal/metadata"
	"auditctl/pkg/redact/rule"
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

	// Rules find what else is redacted in strings.
	Rules []*rule.Rule

	// SecretNames redacts strings whose keys say that they are secrets, such as password,
	// clientSecret or GITHUB_TOKEN, whatever they look like; they count as [SecretName].
	SecretNames bool

	// Mode is what is left of secrets that rules and SecretNames find, PersonalMode of
	// personal data; not Drop.
	Mode, PersonalMode Mode

	// Secret is the key of HMACs, which Mode HMAC needs; at least [MinSecret] bytes.
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

// MinSecret is how many bytes a key of HMACs has at least.
const MinSecret = 16

// A Redactor redacts lines. It is for one goroutine; see [Redactor.Clone].
type Redactor struct {
	*plan
	walker  walker
	counts  []int64
	flat    [2][]byte // what a line says, and what that says
	edited  []byte
	scanner events.Scanner
}

// A plan is what Redactors have in common.
type plan struct {
	options   Options
	patterns  []pattern
	first     []uint64  // their states at the top
	all       bool      // any line may have a key that a pattern matches
	rules     *rule.Set // which look for words that lines with such keys have
	ruleIndex map[*rule.Rule]int
	names     []string // of what Counts count
}

// New returns a Redactor.
func New(o Options) (*Redactor, error) {
	p := &plan{options: o}
	var words []string
	hashes := o.Mode == HMAC || o.PersonalMode == HMAC
	for _, keys := range o.Keys {
		hashes = hashes || keys.Mode == HMAC
		for _, source := range keys.Patterns {
			pattern, err := parsePattern(source, keys.Mode)
			if err != nil {
				return nil, err
			}
			p.patterns = append(p.patterns, pattern)
			p.first = append(p.first, pattern.first)
			p.names = append(p.names, source)
			found := pattern.words()
			p.all = p.all || len(found) == 0
			words = append(words, found...)
		}
	}
	switch {
	case o.Mode == Drop || o.PersonalMode == Drop:
		return nil, errors.New("what rules find cannot be dropped: want mask, hmac or length")
	case hashes && len(o.Secret) == 0:
		return nil, errors.New("hmac needs a key: a hash of a short value is found by trying")
	case hashes && len(o.Secret) < MinSecret:
		return nil, fmt.Errorf("a key for hmac of %d bytes is too short: want %d at least", len(o.Secret), MinSecret)
	}
	p.names = append(p.names, SecretName, DeepText)
	if o.SecretNames {
		for _, word := range secretEndings {
			words = append(words, endings(word)...)
		}
	}
	p.ruleIndex = map[*rule.Rule]int{}
	for _, r := range o.Rules {
		p.ruleIndex[r] = len(p.names)
		p.names = append(p.names, r.ID)
	}
	var err error
	p.rules, err = rule.NewSet(o.Rules, words...)
	return p.redactor(), err
}

func (p *plan) redactor() *Redactor {
	return &Redactor{
		plan:   p,
		walker: walker{plan: p, replacer: replacer{secret: p.options.Secret}},
		counts: make([]int64, len(p.names)),
	}
}

func (p *plan) secretName() int { return len(p.patterns) }
func (p *plan) deepText() int   { return len(p.patterns) + 1 }

// whatRule returns the index of a rule in the names, and what is left of what it finds.
func (p *plan) whatRule(r *rule.Rule) (what int, mode Mode) {
	if r.Personal {
		return p.ruleIndex[r], p.options.PersonalMode
	}
	return p.ruleIndex[r], p.options.Mode
}

// Clone returns a Redactor of the same options for another goroutine. Their counts are apart.
func (r *Redactor) Clone() *Redactor { return r.plan.redactor() }

// Append appends line, which is one JSON object without its line feed, with what must not be
// kept taken out, and reports whether it differs from line. All other bytes are those of
// line. If it does not differ, nothing is appended.
func (r *Redactor) Append(dst, line []byte) (redacted []byte, changed bool) {
	if !r.walk(line) {
		return dst, false
	}
	w := &r.walker
	if r.options.Mark {
		r.edited = appendEdited(r.edited[:0], line, w.edits)
		if r.scanner.Scan(r.edited) == nil {
			if marked, ok := metadata.Append(dst, &r.scanner, metadata.Member{Key: "redacted", Value: r.mark()}); ok {
				return marked, true
			}
		}
		return append(dst, r.edited...), true
	}
	return appendEdited(dst, line, w.edits), true
}

// walk notes edits of a text, counts what they take out, and reports whether there are any.
func (r *Redactor) walk(text []byte) bool {
	if !r.suspect(text) {
		return false
	}
	w := &r.walker
	w.walk(text)
	for _, what := range w.dropped {
		r.counts[what]++
	}
	for _, e := range w.edits {
		if e.what >= 0 {
			r.counts[e.what]++
		}
	}
	return len(w.edits) > 0
}

// suspect reports whether there may be something in a text to take out, and notes whether
// rules may find it.
func (r *Redactor) suspect(text []byte) bool {
	rules, keys := r.rules.Look(text)
	// Neither is seen where it is spelled with escapes that it does not need.
	flat := text
	for deep := 0; !rules && hasNeedless(flat); deep++ {
		if deep > maxDeep {
			keys, rules = true, true
			break
		}
		buffer := &r.flat[deep%2]
		*buffer = appendDecoded((*buffer)[:0], flat)
		flat = *buffer
		suspect, hasWord := r.rules.Look(flat)
		keys, rules = keys || hasWord, suspect
	}
	r.walker.search = rules
	return keys || rules || r.all
}

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
func (r *Redactor) AppendText(dst, text []byte) []byte {
	if !r.walk(text) {
		return append(dst, text...)
	}
	return appendEdited(dst, text, r.walker.edits)
}

// A Count is how often something was redacted.
type Count struct {
	What string // the ID of a rule, a pattern of keys, or a constant of this package
	N    int64
}

// TakeCounts returns what was redacted since it was last called.
func (r *Redactor) TakeCounts() []Count {
	var counts []Count
	for i, n := range r.counts {
		if n > 0 {
			counts = append(counts, Count{r.names[i], n})
			r.counts[i] = 0
		}
	}
	return counts
}

// Tag returns what Mode HMAC leaves of a value.
func (r *Redactor) Tag(value string) string {
	return string(r.walker.appendLeft(nil, HMAC, []byte(value)))
}
