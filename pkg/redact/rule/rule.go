// Package rule finds secrets and personal data in text, by rules: regular expressions with
// keywords that make a search for many of them cheap, and checks where a kind of secret has
// one.
package rule

import "slices"

// A Rule says what one kind of secret looks like.
type Rule struct {
	// ID names the rule, in lower case with hyphens, such as "github-token".
	ID string

	// Title says what it finds, such as "GitHub access token".
	Title string

	// Personal says that it finds personal data instead of secrets.
	Personal bool

	// Regexp is a regular expression in the syntax of package regexp.
	Regexp string

	// Group is the number of the group of Regexp that is the secret. If it is 0, that is
	// the first group that took part in the match, or the whole match if none did.
	Group int

	// Keywords are short texts of ASCII. Each text that Regexp matches has at least one of
	// them, without regard to case. Where they are letters that Regexp does not spell next to
	// each other, their case is that of secrets, since in base64 it matters. A rule without
	// keywords is tried on every text, which is slow.
	Keywords []string

	// Shape, if Keywords are empty, is what each text that Regexp matches has instead.
	Shape Shape

	// Entropy is the least Shannon entropy of the secret, in bits a byte.
	Entropy float64

	// Check reports whether what was found is a secret, for instance by a checksum; nil:
	// it always is. It must not keep or change it.
	Check func(secret []byte) bool

	// Allow reports whether what was found, text[secret.Start:secret.End] within
	// text[match.Start:match.End], is to be left as it is; nil: it never is.
	Allow func(text []byte, match, secret Span) bool

	// Hit is a text with a secret of this kind, Miss one that looks similar and has none.
	// In Hit, {secret} stands for a secret that [Rule.Examples] makes up, so that no text
	// of the rules is itself taken for a leak.
	Hit, Miss string

	// apart says that keywords need not be in what Regexp matches, but in the same text.
	apart bool

	// fix puts what Check wants, such as a checksum, into a made-up secret.
	fix func(secret []byte) []byte
}

// A Shape is a sort of text without keywords that is found quickly.
type Shape int

const (
	// Digits are at least ten digits with at most two of " ()-./" between each two.
	Digits Shape = iota + 1

	// Dots are four numbers of up to three digits each with dots between.
	Dots

	// Colons are two colons next to each other, or at least four with one to four other
	// bytes between each two.
	Colons
)

// A Span is a part of a text.
type Span struct{ Start, End int }

// Secrets returns the built-in rules that find secrets. Those of vendors come first, then
// those that know a secret by what is written before it: of rules that find the same, the
// first is the one to name.
func Secrets() []*Rule {
	return slices.Concat(cloud, models, forges, chats, services, keys, web, commands)
}

// Personal returns the built-in rules that find personal data.
func Personal() []*Rule { return slices.Clone(personal) }

const (
	// start is what precedes a token: no part of a word, but it may be an escape, such as
	// that of a line break, a percent-encoded byte, or a colour of a terminal.
	start = `(?:\b|\\[nrtbf]|%[0-9A-Fa-f]{2}|\\u00[0-9A-Fa-f]{2}|\[[0-9;]*m)`

	quote     = `\\*["'\x60]`                 // of a string, which may be in another
	separator = `\s{0,8}(?:=>|:=|=|:)\s{0,8}` // between a name and its value

	uuid = `[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}`
)
